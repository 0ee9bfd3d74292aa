# SPDX-License-Identifier: GPL-3.0-or-later
"""The time to start and to print a version."""

import os
from statistics import median, quantiles

from harness.figures import Figure, Result, Table
from harness.processes import Crew
from harness.tools import NCAT

NEEDS = (NCAT,)
TARGET = 1.3
COLUMNS = ("tool", "median ms", "lower quartile", "upper quartile")


def run(context):
    tools = (context.tools.sockkit, NCAT)
    context.progress("startup")
    times = {tool.name: [] for tool in tools}
    for _ in range(context.arguments.starts):
        for tool in tools:
            times[tool.name].append(start(tool) * 1000)
    rows = []
    for name, values in times.items():
        lower, _, upper = quantiles(values, n=4) if len(values) > 1 else values * 3
        rows.append((name, median(values), lower, upper))
    ratio = median(times["sockkit"]) / median(times[NCAT.name])
    table = Table(f"--version, {context.arguments.starts} starts each", COLUMNS, rows)
    return Result("startup", [table], [Figure(f"start-up: sockkit / {NCAT.name}", ratio, "<=", TARGET)])


def start(tool):
    """The seconds from before the start until the end is seen."""
    with Crew(patience=10) as crew:
        null = crew.open(os.devnull, os.O_RDWR)
        process = crew.start(tool.name, [tool.program, "--version"], null, null)
        crew.wait()
        return process.usage.ended - process.started
