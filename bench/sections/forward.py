# SPDX-License-Identifier: GPL-3.0-or-later
"""Forwarders: a large file through each, and small messages there and back."""

import functools
from statistics import median

from harness import servers
from harness.builds import CC, compile_c
from harness.errors import Unable
from harness.figures import Figure, Result, Table, tabulate_ratios
from harness.forwards import HAPROXY, Forwarder, forward_echoes, forward_file, haproxy_command, verify
from harness.payload import MIB
from harness.probes import Probe, Reading, count_of
from harness.tools import NCAT, SOCAT, TASKSET

NEEDS = (NCAT, SOCAT, HAPROXY, CC, TASKSET)
PROBES_NEED = (CC, TASKSET)
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
    load, echo_server = compile_load(directory)
    contenders = line_up(sockkit, directory)
    for forwarder in contenders:
        verify(forwarder, sockkit, context.payload.file(VERIFIED_SIZE), arguments.patience)
    file = context.payload.file(arguments.size)
    transfers = {forwarder.name: [] for forwarder in contenders}
    echoes = {(number, forwarder.name): [] for number in CONNECTIONS for forwarder in contenders}
    problems = {}
    # A B C A B C …, so that other activity of the machine affects all of them alike.
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


def compile_load(directory):
    """The load, and the server behind the forwarder that answers it."""
    return compile_c("load/echo_load.c", directory), compile_c("servers/epoll_echo.c", directory)


def own_forwarder(tool):
    return Forwarder(tool.name, (tool.program, "forward", "{host}:{port}", "{host}:{target}"))


def probes(context):
    """The sender and the receiver of the file are the new sockkit beside either forwarder, which alone differs."""
    servers.prepare()
    arguments, ends = context.arguments, context.tools.sockkit
    file, verified = context.payload.file(arguments.size), context.payload.file(VERIFIED_SIZE)
    load, echo_server = compile_load(context.payload.directory)

    def read_transfer(tool):
        run = forward_file(own_forwarder(tool), ends, file, arguments.patience)
        return [Reading("throughput", run.rate / MIB, "MiB/s", is_rate=True),
                Reading("CPU", run.processor_seconds_per_gib, "s per GiB")]

    def read_echoes(number, tool):
        run = forward_echoes(
            own_forwarder(tool), echo_server, load, number, arguments.seconds, arguments.patience)
        return [Reading("requests", run.rate, "per s", is_rate=True),
                Reading("CPU per request", run.processor_seconds_per_million, "µs")]

    return [
        Probe(f"{arguments.size} MiB", read_transfer,
              lambda tool: verify(own_forwarder(tool), ends, verified, arguments.patience)),
        *(Probe(f"messages, {count_of(number, 'connection')}", functools.partial(read_echoes, number))
          for number in CONNECTIONS),
    ]


def line_up(sockkit, directory):
    """The forwarders in the order of the runs, those that are compared closely next to each other."""
    return [
        own_forwarder(sockkit),
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
