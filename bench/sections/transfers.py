# SPDX-License-Identifier: GPL-3.0-or-later
"""Throughput, processor time and memory of a large transfer, from file to null and from pipe to pipe."""

import functools
from statistics import median

from harness.figures import Figure, Result, Table
from harness.payload import MIB
from harness.probes import Probe, Reading
from harness.tools import NCAT, PEERS
from harness.transfers import file_to_null, pipe_to_pipe, verify

NEEDS = PEERS
PROBES_NEED = ()
VERIFIED_SIZE = 32
SETUPS = {"file to null": file_to_null, "pipe to pipe": pipe_to_pipe}
RATE_TARGETS = {"file to null": 2.5, "pipe to pipe": 1.8}
PROCESSOR_TARGET = 0.5
MEMORY_TARGET = 20
COLUMNS = ("tool", "MiB/s", "slowest", "fastest", "CPU s", "peak MiB")


def run(context):
    size, patience = context.arguments.size, context.arguments.patience
    tools = context.tools.contenders
    for tool in tools:
        verify(tool, context.payload.file(VERIFIED_SIZE), patience)
    runs = measure(context, tools, context.payload.file(size), patience)
    tables, figures = [], []
    for setup in SETUPS:
        rows = {tool.name: summarize(runs[setup, tool.name], size) for tool in tools}
        tables.append(Table(f"{size} MiB, {setup}, {context.arguments.rounds} rounds, medians", COLUMNS,
                            [(name, *row.values()) for name, row in rows.items()]))
        figures += judge(setup, rows)
    return Result("transfers", tables, figures)


def probes(context):
    size, patience = context.arguments.size, context.arguments.patience
    file, verified = context.payload.file(size), context.payload.file(VERIFIED_SIZE)

    def read(transfer, tool):
        run = transfer(tool, file, patience)
        return [
            Reading("throughput", run.rate(size), "MiB/s", is_rate=True),
            Reading("CPU of both sides", run.processor_seconds, "s"),
            Reading("peak memory", run.peak_bytes / MIB, "MiB"),
        ]

    return [Probe(f"{size} MiB, {setup}", functools.partial(read, transfer),
                  lambda tool: verify(tool, verified, patience))
            for setup, transfer in SETUPS.items()]


def measure(context, tools, file, patience):
    """Runs A B C D A B C D …, so that whatever else the machine does meets all of them alike."""
    runs = {(setup, tool.name): [] for setup in SETUPS for tool in tools}
    for number in range(context.arguments.rounds):
        context.progress(f"transfers, round {number + 1} of {context.arguments.rounds}")
        for setup, transfer in SETUPS.items():
            for tool in tools:
                runs[setup, tool.name].append(transfer(tool, file, patience))
    return runs


def summarize(transfers, size):
    rates = [transfer.rate(size) for transfer in transfers]
    return {
        "rate": median(rates), "slowest": min(rates), "fastest": max(rates),
        "processor": median(transfer.processor_seconds for transfer in transfers),
        "memory": max(transfer.peak_bytes for transfer in transfers) / MIB,
    }


def judge(setup, rows):
    own = rows["sockkit"]
    figures = [
        Figure(f"{setup}: throughput / {peer.name}", own["rate"] / rows[peer.name]["rate"], ">=", RATE_TARGETS[setup])
        for peer in PEERS
    ]
    figures.append(Figure(
        f"{setup}: CPU of both sides / {NCAT.name}", own["processor"] / rows[NCAT.name]["processor"], "<=",
        PROCESSOR_TARGET))
    figures.append(Figure(f"{setup}: peak memory of sockkit", own["memory"], "<=", MEMORY_TARGET, "MiB"))
    return figures
