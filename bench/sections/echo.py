# SPDX-License-Identifier: GPL-3.0-or-later
"""Echo servers: messages there and back, from one connection to thousands."""

import functools
from statistics import median

from harness import servers
from harness.builds import CC, build_package, compile_c
from harness.echoes import load_echo
from harness.errors import BenchmarkError, Unable
from harness.figures import Figure, Result, Table, tabulate_ratios
from harness.payload import MIB
from harness.probes import Probe, Reading, count_of
from harness.servers import Server
from harness.tools import NCAT, SOCAT, TASKSET

# Swift is not listed: it has built sockkit, and without it the rest can still be compared.
NEEDS = (NCAT, SOCAT, CC, TASKSET)
PROBES_NEED = (CC, TASKSET)
CONNECTIONS = (1, 50, 1000, 8000)
JUDGED = 50
# Two builds of sockkit are compared with fewer connections; more would take long and show little.
PROBED = {"event": CONNECTIONS, "thread": (50, 1000), "fork": (50,)}
# The load reports milliseconds.
OPENING_PROBED = 50
MOST = 10000
EVENT, LOOP, NIO = "sockkit, event", "C, epoll", "SwiftNIO"
TARGETS = {LOOP: 0.9, NIO: 1.2}
# A server with a process for each connection takes long to create thousands of them, and to end them.
FORKING_ROUNDS = 3
COLUMNS = ("server", "requests per s", "slowest", "fastest", "half within µs", "99 % within µs", "CPU s per million",
           "server busy %", "load busy %")


def run(context):
    servers.prepare()
    context.progress("echo, building the servers to compare with")
    load = compile_c("load/echo_load.c", context.payload.directory)
    contenders, notes = line_up(context)
    runs, problems = measure(context, contenders, load)
    rounds, seconds = context.arguments.rounds, context.arguments.seconds
    tables = [
        Table(f"connections: {number}; messages of 64 bytes, {seconds} s, {rounds} rounds, medians", COLUMNS,
              [(server.name, *summarize(server, runs[number, server.name])) for server in contenders])
        for number in CONNECTIONS]
    tables.append(tabulate_memory(contenders, runs))
    ratios = compare(runs)
    tables.append(tabulate_ratios(f"{JUDGED} connections: {EVENT} beside others, round by round", ratios))
    figures = [judge(ratios, peer, target) for peer, target in TARGETS.items()]
    notes += [f"{name}, {number} connections: {problem}" for (number, name), problem in problems.items()]
    notes += [f"{server.name}, {number} connections: up to {starved} got no answer while it was measured"
              for number in CONNECTIONS for server in contenders
              if (starved := max((echo.starved for echo in runs[number, server.name]), default=0)) > 0]
    return Result("echo", tables, figures, notes)


def line_up(context):
    """The servers in the order of the runs, those that are compared closely next to each other, and notes."""
    sockkit = context.tools.sockkit
    loop = compile_c("servers/epoll_echo.c", context.payload.directory)
    contenders, notes = [own_server(sockkit, "event")], []
    contenders.append(Server(LOOP, (loop, "{port}")))
    try:
        contenders.append(Server(NIO, (build_package("servers/nio-echo", "nio-echo"), "{port}")))
    except BenchmarkError as error:
        notes.append(f"{NIO}: {error}")
    contenders += [
        own_server(sockkit, "thread"),
        own_server(sockkit, "fork"),
        Server(NCAT.name, (NCAT.program, "-lk", "-m", MOST, "-e", "/bin/cat", "{host}", "{port}"), is_single=False),
        Server(SOCAT.name, (SOCAT.program, "TCP-LISTEN:{port},bind={host},fork,reuseaddr,backlog=4096", "PIPE"),
               is_single=False),
    ]
    return contenders, notes


def own_server(tool, model):
    """sockkit's, whose event loop needs no room for more."""
    room = () if model == "event" else ("-m", MOST)
    return Server(f"{tool.name}, {model}", (tool.program, "echo-server", "--model", model, *room, "{host}", "{port}"),
                  is_single=model != "fork")


def probes(context):
    servers.prepare()
    load = compile_c("load/echo_load.c", context.payload.directory)
    return [Probe(f"{model}, {count_of(number, 'connection')}", functools.partial(read, context, load, model, number))
            for model, numbers in PROBED.items() for number in numbers]


def read(context, load, model, number, tool):
    server = own_server(tool, model)
    echo = load_echo(server, load, number, context.arguments.seconds, context.arguments.patience)
    processor = echo.processor_seconds_per_million if server.is_single else echo.total_seconds_per_million
    readings = [
        Reading("requests", echo.rate, "per s", is_rate=True),
        Reading("CPU per request", processor, "µs"),
        Reading("memory, PSS", echo.memory.proportional_bytes / MIB, "MiB"),
    ]
    if number >= OPENING_PROBED:
        readings.append(Reading("connections opened", number / echo.opening_seconds, "per s", is_rate=True))
    return readings


def measure(context, contenders, load):
    """Runs A B C A B C …, so that whatever else the machine does meets all of them alike.

    Who cannot serve a number of connections is not asked for it again. Forking servers sit out the later rounds.
    """
    arguments = context.arguments
    runs = {(number, server.name): [] for number in CONNECTIONS for server in contenders}
    problems = {}
    for turn in range(arguments.rounds):
        for number in CONNECTIONS:
            context.progress(f"echo, {number} connections, round {turn + 1} of {arguments.rounds}")
            for server in contenders:
                is_left_out = not server.is_single and turn >= FORKING_ROUNDS
                if is_left_out or (number, server.name) in problems:
                    continue
                try:
                    runs[number, server.name].append(
                        load_echo(server, load, number, arguments.seconds, arguments.patience))
                except Unable as reason:
                    problems[number, server.name] = reason
                    runs[number, server.name] = []
    return runs, problems


def summarize(server, echoes):
    """A row, of nothing if the server could not do it."""
    if not echoes:
        return (None,) * (len(COLUMNS) - 1)
    rates = [echo.rate for echo in echoes]
    return (
        median(rates), min(rates), max(rates), median(echo.half_within for echo in echoes),
        median(echo.most_within for echo in echoes),
        median(echo.processor_seconds_per_million for echo in echoes) if server.is_single else None,
        median(100 * echo.server_seconds / echo.seconds for echo in echoes) if server.is_single else None,
        median(100 * echo.load_seconds / echo.seconds for echo in echoes),
    )


def tabulate_memory(contenders, runs):
    """What all processes of a server hold in memory while the connections are open, after the load."""
    rows = [(f"{server.name}, {kind}", *(in_mebibytes(runs[number, server.name], field) for number in CONNECTIONS))
            for kind, field in (("RSS", "resident_bytes"), ("PSS", "proportional_bytes")) for server in contenders]
    return Table("MiB of memory by connections", ("server", *(str(number) for number in CONNECTIONS)), rows)


def in_mebibytes(echoes, field):
    return max(getattr(echo.memory, field) for echo in echoes) / MIB if echoes else None


def compare(runs):
    """sockkit's requests per second, and CPU per request, over those of each peer, round by round."""
    ratios = {}
    for peer in TARGETS:
        pairs = list(zip(runs[JUDGED, EVENT], runs.get((JUDGED, peer), [])))
        ratios[rate_title(peer)] = [own.rate / other.rate for own, other in pairs]
        ratios[f"CPU per request / {peer}"] = [
            own.processor_seconds_per_million / other.processor_seconds_per_million for own, other in pairs]
    return ratios


def rate_title(peer):
    return f"requests / {peer}"


def judge(ratios, peer, target):
    """By the median of the rounds, in each of which both met the same machine."""
    values = ratios[rate_title(peer)]
    value = median(values) if values else None
    return Figure(f"{JUDGED} connections: requests of {EVENT} / {peer}", value, ">=", target)
