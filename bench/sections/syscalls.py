# SPDX-License-Identifier: GPL-3.0-or-later
"""System calls per MiB on each side.

strace slows what it counts: while a call is held up more bytes gather, and fewer calls follow. perf counts
without that, where it is installed and permitted.
"""

import functools
import re
from statistics import median

from harness.errors import BenchmarkError
from harness.figures import Figure, Result, Table
from harness.perf import PERF, can_count
from harness.probes import Probe, Reading
from harness.tools import PEERS, STRACE
from harness.transfers import Wrappers, file_to_null, pipe_to_pipe

NEEDS = (*PEERS, STRACE)
PROBES_NEED = (STRACE,)
SETUPS = {"file to null": file_to_null, "pipe to pipe": pipe_to_pipe}
TARGET = 20


def run(context):
    counters = line_up(context.payload.directory)
    columns = [f"{side}, {counter}" for counter in counters for side in ("sender", "receiver")]
    size, rounds = context.arguments.traced_size, context.arguments.traced_rounds
    tables, figures = [], []
    for setup, transfer in SETUPS.items():
        rows = measure(context, setup, transfer, counters.values())
        tables.append(Table(f"system calls per MiB, {size} MiB, {setup}, {rounds} rounds, medians",
                            ("tool", *columns), [(name, *row) for name, row in rows.items()]))
        figures += [Figure(f"{setup}: calls per MiB, {column}", value, "<=", TARGET)
                    for column, value in zip(columns, rows["sockkit"])]
    notes = [] if "perf" in counters else [f"{PERF.program} (Debian: {PERF.origin}) is missing or not permitted"]
    return Result("syscalls", tables, figures, notes)


def probes(context):
    size, patience, directory = context.arguments.traced_size, context.arguments.patience, context.payload.directory
    file = context.payload.file(size)

    def read(transfer, count_both, tool):
        calls = count_both(transfer, tool, file, patience, directory)
        return [Reading(side, number / size, "calls per MiB") for side, number in zip(("sender", "receiver"), calls)]

    return [Probe(f"{size} MiB, {setup}, {counter}", functools.partial(read, transfer, count_both))
            for setup, transfer in SETUPS.items() for counter, count_both in line_up(directory).items()]


def line_up(directory):
    """What can count here."""
    counters = {"strace": count_with_strace}
    if can_count(directory):
        counters["perf"] = count_with_perf
    return counters


def measure(context, setup, transfer, counters):
    """The calls per MiB of every tool: sender and receiver, for one counter after the other."""
    size, rounds = context.arguments.traced_size, context.arguments.traced_rounds
    file, directory = context.payload.file(size), context.payload.directory
    counts = {tool.name: [] for tool in context.tools.contenders}
    for number in range(rounds):
        context.progress(f"syscalls, {setup}, round {number + 1} of {rounds}")
        for tool in context.tools.contenders:
            counts[tool.name].append([
                calls / size for count_both in counters
                for calls in count_both(transfer, tool, file, context.arguments.patience, directory)])
    return {name: [median(column) for column in zip(*rounds)] for name, rounds in counts.items()}


def count_with_strace(transfer, tool, file, patience, directory):
    """The calls of sender and receiver."""
    def wrap(log):
        return (STRACE.program, "-c", "-f", "-o", str(log))
    return count(transfer, tool, file, patience, directory, wrap, total_of_strace)


def count_with_perf(transfer, tool, file, patience, directory):
    """The calls of sender and receiver, undisturbed."""
    def wrap(log):
        return (PERF.program, "stat", "-e", "raw_syscalls:sys_enter", "-x", ",", "-o", str(log))
    return count(transfer, tool, file, patience, directory, wrap, total_of_perf)


def count(transfer, tool, file, patience, directory, wrap, total):
    logs = [directory / "sender.log", directory / "receiver.log"]
    transfer(tool, file, patience, Wrappers(*(wrap(log) for log in logs)))
    return [total(log.read_text(encoding="utf-8")) for log in logs]


def total_of_strace(text):
    """`100.00  0.047741  7  6184  55 total`, where the errors may be missing."""
    found = re.search(r"^\s*100\.00\s+[\d.]+\s+(?:\d+\s+)?(\d+)(?:\s+\d+)?\s+total$", text, re.MULTILINE)
    if found is None:
        raise BenchmarkError("strace printed no total")
    return int(found.group(1))


def total_of_perf(text):
    """`725,,raw_syscalls:sys_enter,126441115,100.00,,`."""
    found = re.search(r"^(\d+),,raw_syscalls:sys_enter", text, re.MULTILINE)
    if found is None:
        raise BenchmarkError("perf printed no count")
    return int(found.group(1))
