# SPDX-License-Identifier: GPL-3.0-or-later
"""Forwarders: a large file through each, and small messages there and back."""

from statistics import median

from harness import servers
from harness.builds import CC, compile_c
from harness.errors import Unable
from harness.figures import Figure, Result, Table, tabulate_ratios
from harness.forwards import HAPROXY, Forwarder, forward_echoes, forward_file, haproxy_command, verify
from harness.payload import MIB
from harness.tools import NCAT, SOCAT, TASKSET

NEEDS = (NCAT, SOCAT, HAPROXY, CC, TASKSET)
OWN = "sockkit"
TARGETS = {SOCAT.name: 3, NCAT.name: 3, HAPROXY.name: 1}
VERIFIED_SIZE = 32
CONNECTIONS = (1, 50)
COLUMNS = ("forwarder", "MiB per s", "slowest", "fastest", "CPU s per GiB")
ECHO_COLUMNS = ("forwarder", "requests per s", "99 % within µs", "CPU s per million")


def run(context):
    servers.prepare()
    arguments, sockkit = context.arguments, context.tools.sockkit
    directory = context.payload.directory
    load, echo_server = compile_c("load/echo_load.c", directory), compile_c("servers/epoll_echo.c", directory)
    contenders = line_up(sockkit.program, directory)
    for forwarder in contenders:
        verify(forwarder, sockkit, context.payload.file(VERIFIED_SIZE), arguments.patience)
    file = context.payload.file(arguments.size)
    transfers = {forwarder.name: [] for forwarder in contenders}
    echoes = {(number, forwarder.name): [] for number in CONNECTIONS for forwarder in contenders}
    problems = {}
    # A B C A B C …, so that whatever else the machine does meets all of them alike.
    for turn in range(arguments.rounds):
        context.progress(f"forward, round {turn + 1} of {arguments.rounds}")
        for forwarder in contenders:
            transfers[forwarder.name].append(forward_file(forwarder, sockkit, file, arguments.patience))
        for number in CONNECTIONS:
            for forwarder in contenders:
                try:
                    echoes[number, forwarder.name].append(forward_echoes(
                        forwarder, echo_server, load, number, arguments.seconds, arguments.patience))
                except Unable as reason:
                    problems[number, forwarder.name] = reason
    return report(context, contenders, transfers, echoes, problems)


def line_up(sockkit, directory):
    """The forwarders in the order of the runs, those that are compared closely next to each other."""
    return [
        Forwarder(OWN, (sockkit, "forward", "{host}:{port}", "{host}:{target}")),
        Forwarder(HAPROXY.name, haproxy_command(directory)),
        Forwarder("haproxy, splice", haproxy_command(directory, "option splice-auto")),
        Forwarder(SOCAT.name, (
            SOCAT.program, "TCP-LISTEN:{port},bind={host},fork,reuseaddr,backlog=4096", "TCP:{host}:{target}"),
            is_single=False),
        Forwarder(NCAT.name, (
            NCAT.program, "-lk", "{host}", "{port}", "-c", "ncat {host} {target}"), is_single=False),
    ]


def report(context, contenders, transfers, echoes, problems):
    rounds, seconds = context.arguments.rounds, context.arguments.seconds
    tables = [Table(f"{context.arguments.size} MiB through each, {rounds} rounds, medians", COLUMNS,
                    [(forwarder.name, *summarize(transfers[forwarder.name])) for forwarder in contenders])]
    tables += [
        Table(f"connections: {number}; messages of 64 bytes there and back, {seconds} s, {rounds} rounds, medians",
              ECHO_COLUMNS,
              [(forwarder.name, *summarize_echoes(forwarder, echoes[number, forwarder.name]))
               for forwarder in contenders])
        for number in CONNECTIONS]
    ratios = {title(peer): [own.rate / other.rate for own, other in zip(transfers[OWN], transfers[peer])]
              for peer in TARGETS}
    tables.append(tabulate_ratios(f"{OWN} beside others, round by round", ratios))
    figures = [Figure(title(peer), median(ratios[title(peer)]), ">=", bound) for peer, bound in TARGETS.items()]
    notes = [f"{name}, {number} connections: {problem}" for (number, name), problem in problems.items()]
    return Result("forward", tables, figures, notes)


def title(peer):
    return f"throughput / {peer}"


def summarize(runs):
    rates = [run.rate / MIB for run in runs]
    processor = [run.processor_seconds_per_gib for run in runs]
    return median(rates), min(rates), max(rates), None if None in processor else median(processor)


def summarize_echoes(forwarder, runs):
    """A row, of nothing if the forwarder could not do it."""
    if not runs:
        return (None,) * (len(ECHO_COLUMNS) - 1)
    return (median(run.rate for run in runs), median(run.most_within for run in runs),
            median(run.processor_seconds_per_million for run in runs) if forwarder.is_single else None)
