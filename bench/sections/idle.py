# SPDX-License-Identifier: GPL-3.0-or-later
"""The memory of echo servers while many connections are open and nothing happens on them."""

import functools
from statistics import median

from harness import servers
from harness.builds import CC, compile_c
from harness.figures import Result, Table
from harness.idle import measure_idle
from harness.probes import Probe, Reading, count_of
from harness.servers import Server
from harness.tools import TASKSET

NEEDS = (CC, TASKSET)
PROBES_NEED = (TASKSET,)
CONNECTIONS = 2000
MODELS = ("event", "thread")
COLUMNS = ("server", "KiB at the start", "KiB per connection", "after a message each")


def run(context):
    servers.prepare()
    contenders = [own_server(context.tools.sockkit, model) for model in MODELS]
    contenders.append(Server("C, epoll", (compile_c("servers/epoll_echo.c", context.payload.directory), "{port}")))
    rounds, patience = context.arguments.rounds, context.arguments.patience
    taken = {server.name: [] for server in contenders}
    for turn in range(rounds):
        context.progress(f"idle, round {turn + 1} of {rounds}")
        for server in contenders:
            taken[server.name].append(measure_idle(server, CONNECTIONS, patience))
    rows = [(name, *(median(column) for column in zip(*map(summarize, measured)))) for name, measured in taken.items()]
    return Result("idle", [Table(f"{CONNECTIONS} idle connections, {rounds} rounds, medians", COLUMNS, rows)], [])


def summarize(idle):
    return tuple(size / 1024 for size in (idle.start_bytes, idle.bytes_each, idle.bytes_each_after_message))


def probes(context):
    servers.prepare()
    return [Probe(f"{model}, {count_of(CONNECTIONS, 'idle connection')}", functools.partial(read, context, model))
            for model in MODELS]


def read(context, model, tool):
    start, each, after = summarize(measure_idle(own_server(tool, model), CONNECTIONS, context.arguments.patience))
    return [
        Reading("VmRSS at the start", start, "KiB"),
        Reading("VmRSS per connection", each, "KiB"),
        Reading("VmRSS per connection, after a message each", after, "KiB"),
    ]


def own_server(tool, model):
    return Server(f"{tool.name}, {model}", (
        tool.program, "echo-server", "--model", model, "-m", 2 * CONNECTIONS, "{host}", "{port}"))
