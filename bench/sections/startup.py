# SPDX-License-Identifier: GPL-3.0-or-later
"""The time to start and to print a version."""

import dataclasses
import os
from statistics import median, quantiles

from harness.duel import even
from harness.figures import Figure, Result, Table
from harness.probes import Probe, Reading
from harness.processes import Crew
from harness.tools import NCAT

NEEDS = (NCAT,)
PROBES_NEED = ()
TARGET = 1.3
COLUMNS = ("tool", "median ms", "lower quartile", "upper quartile")


def run(context):
    tools = (context.tools.sockkit, NCAT)
    context.progress("startup")
    times = {tool.name: [] for tool in tools}
    for _ in range(context.arguments.starts):
        for tool in tools:
            times[tool.name].append(start(tool).seconds * 1000)
    rows = []
    for name, values in times.items():
        lower, _, upper = quantiles(values, n=4) if len(values) > 1 else values * 3
        rows.append((name, median(values), lower, upper))
    ratio = median(times["sockkit"]) / median(times[NCAT.name])
    table = Table(f"--version, {context.arguments.starts} starts each", COLUMNS, rows)
    return Result("startup", [table], [Figure(f"start-up: sockkit / {NCAT.name}", ratio, "<=", TARGET)])


def probes(context):
    """The starts are spread over the rounds."""
    count = max(1, context.arguments.starts // even(context.arguments.rounds))

    def read(tool):
        starts = [start(tool) for _ in range(count)]
        return [
            Reading("time", median(each.seconds for each in starts) * 1000, "ms"),
            Reading("CPU", median(each.processor_seconds for each in starts) * 1000, "ms"),
        ]

    return [Probe(f"--version, {count} starts", read)]


@dataclasses.dataclass(frozen=True)
class Start:
    """One start: the seconds from before it until the end is seen, and those of the processor."""

    seconds: float
    processor_seconds: float


def start(tool):
    with Crew(patience=10) as crew:
        null = crew.open(os.devnull, os.O_RDWR)
        process = crew.start(tool.name, [tool.program, "--version"], null, null)
        crew.wait()
        return Start(process.usage.ended - process.started, process.usage.processor_seconds)
