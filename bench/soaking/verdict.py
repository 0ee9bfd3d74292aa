# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether servers have stood a soak: figures with targets, and a table of what each server held."""

import re
from statistics import median

from harness.figures import Figure, Result, Table

from .recording import STEADY, quantile

# In milliseconds.
MOST_LATENCY = 50
COLUMNS = (
    "server", "KiB, first third", "last third", "after", "descriptors, start", "first third", "last third", "after",
    "processes, start", "last third", "after", "answers", "99 % within ms", "slowest")
MEMORY, DESCRIPTORS, PROCESSES = 0, 1, 2
# What may be added between the first and the last third of the steady part: a factor, and an amount.
TOLERANCES = {MEMORY: (0.03, 512), DESCRIPTORS: (0.05, 16), PROCESSES: (0.05, 8)}
NAMES = {MEMORY: "memory", DESCRIPTORS: "descriptors", PROCESSES: "processes"}
CRASH = re.compile(r"[Ff]atal error|[Cc]rash|a child process that served a connection ended with|Sanitizer|"
                   r"SIG(?:SEGV|ILL|TRAP|ABRT|BUS)")
MOST_NOTES = 20
# Otherwise the clients of the mix are no longer those of the beginning.
LEAST_PACE = 0.5


def judge(servers, recorder, idle_opened, idle_answered, ended):
    """The result of a soak, of which nothing runs any more but the servers; `ended` has those that do not either."""
    notes = [f"{name} has ended: {reason}" for name, reason in ended.items()]
    grown = {what: [] for what in NAMES}
    left, rows = [], []
    for server in servers:
        first, last = thirds(recorder, server.name)
        start, after = (recorder.phase_rows(phase)[-1]["servers"][server.name] for phase in ("start", "after"))
        for what, (factor, amount) in TOLERANCES.items():
            if last[what] > first[what] * (1 + factor) + amount:
                grown[what].append(server.name)
        if not has_returned(server.kind, start, after):
            left.append(server.name)
        times = sorted(recorder.times[server.name])
        rows.append((
            server.name, first[MEMORY], last[MEMORY], after[MEMORY], start[DESCRIPTORS], first[DESCRIPTORS],
            last[DESCRIPTORS], after[DESCRIPTORS], start[PROCESSES], last[PROCESSES], after[PROCESSES], len(times),
            quantile(times, 0.99), times[-1] if times else None))
    crashed = {server.name: [line for line in server.process.log() if CRASH.search(line)] for server in servers}
    notes += [f"{NAMES[what]} of {', '.join(names)} grew" for what, names in grown.items() if names]
    notes += [f"{name} did not return to its start" for name in left]
    notes += [f"{name} logged: {lines[0]}" for name, lines in crashed.items() if lines]
    notes += recorder.problems
    if len(notes) > MOST_NOTES:
        notes = [*notes[:MOST_NOTES], f"{len(notes) - MOST_NOTES} more"]
    everything = sorted(time for times in recorder.times.values() for time in times)
    return Result("soak", [
        Table("Servers and their children; medians in the thirds", COLUMNS, rows),
        Table("Clients besides the good ones", ("kind", "number"), sorted(recorder.counts.items())),
    ], [
        *(Figure(f"servers whose {name} grew", len(grown[what]), "<=", 0) for what, name in NAMES.items()),
        Figure("servers that ended, or logged a crash", len(ended) + sum(map(bool, crashed.values())), "<=", 0),
        Figure("servers with more descriptors or processes than at the start", len(left), "<=", 0),
        Figure("99 % of the answers within", quantile(everything, 0.99), "<=", MOST_LATENCY, "ms"),
        Figure("servers without an answer", sum(not times for times in recorder.times.values()), "<=", 0),
        Figure("wrong or missing answers", len(recorder.problems), "<=", 0),
        Figure("other clients begun in the first and last third, fewer over more", pace(recorder), ">=", LEAST_PACE),
        Figure("idle connections that were answered at the end", idle_answered, ">=", idle_opened),
    ], notes)


def has_returned(kind, start, now):
    """Whether a server holds no more descriptors and processes than at its start, in rows of what it held."""
    return now[DESCRIPTORS] <= start[DESCRIPTORS] + kind.spare_descriptors and now[PROCESSES] <= start[PROCESSES]


def pace(recorder):
    """How many other clients began in the first and in the last third of the steady part: the fewer over the more.

    With many fewer in the first third, servers that hold more in the last one need not grow.
    """
    counts = [row["others"] for row in recorder.phase_rows(STEADY)]
    third = (len(counts) - 1) // 3
    fewer, more = sorted((counts[third] - counts[0], counts[-1] - counts[-1 - third]))
    return fewer / more if more > 0 else None


def thirds(recorder, name):
    """The medians of what a server held in the first and in the last third of the steady part."""
    held = [row["servers"][name][:3] for row in recorder.phase_rows(STEADY)]
    third = max(1, len(held) // 3)
    return tuple(tuple(median(column) for column in zip(*part)) for part in (held[:third], held[-third:]))
