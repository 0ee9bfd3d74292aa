# SPDX-License-Identifier: GPL-3.0-or-later
"""Datagrams: what arrives in a flood and what that costs, and how fast lines are sent."""

import functools
from statistics import median

from harness import machine
from harness.datagrams import EACH_LINE, receive_flood, send_lines
from harness.figures import Figure, Result, Table
from harness.probes import Probe, Reading
from harness.tools import NC, NCAT, PEERS, SOCAT

NEEDS = PEERS
PROBES_NEED = ()
SIZES = (64, 1400)
RATE = 400_000
LINE_SIZE = 64
# The numbers of lines in a loop that starts a peer for every line; ncat reads the system's certificates each time.
LOOPED_LINES = {NC.name: 300, NCAT.name: 20, SOCAT.name: 300}
RECEIVED_TARGET = 99.9
PROCESSOR_TARGET = 0.5
SENDING_TARGET = 3
RECEIVING_COLUMNS = ("tool", "received %", "worst", "CPU s per million", "offered per s")
SENDING_COLUMNS = ("tool", "lines", "datagrams per s", "slowest", "fastest", "arrived %")


def run(context):
    tools, rounds = context.tools.contenders, context.arguments.rounds
    receptions, sendings = measure(context, tools)
    tables, figures = [], []
    for size in SIZES:
        rows = {tool.name: summarize_receptions(receptions[size, tool.name]) for tool in tools}
        tables.append(Table(f"{context.arguments.datagrams} datagrams of {size} bytes, offered at {RATE} a second, "
                            f"{rounds} rounds, medians", RECEIVING_COLUMNS,
                            [(name, *row.values()) for name, row in rows.items()]))
        figures += judge_receptions(size, rows)
    rows = {tool.name: summarize_sendings(sendings[tool.name]) for tool in tools}
    tables.append(Table(f"lines of {LINE_SIZE} bytes, each sent as a datagram, {rounds} rounds, medians",
                        SENDING_COLUMNS, [(name, *row.values()) for name, row in rows.items()]))
    figures.append(judge_sendings(rows))
    return Result("datagrams", tables, figures, describe_buffers())


def probes(context):
    count = context.arguments.datagrams
    flooded = [Probe(f"{count} datagrams of {size} bytes", functools.partial(read_reception, context, size))
               for size in SIZES]
    return [*flooded, Probe(f"{count} lines as datagrams", functools.partial(read_sending, context))]


def read_reception(context, size, tool):
    arguments = context.arguments
    reception = receive_flood(
        tool, size, arguments.datagrams, RATE, context.payload.directory, arguments.patience)
    return [
        Reading("received", reception.percentage, "%", is_rate=True),
        Reading("CPU", reception.processor_seconds_per_million, "s per million"),
    ]


def read_sending(context, tool):
    sending = send(tool, context)
    return [
        Reading("sent", sending.rate, "per s", is_rate=True),
        Reading("CPU", sending.processor_seconds_per_million, "s per million"),
        Reading("arrived", sending.percentage, "%", is_rate=True),
    ]


def describe_buffers():
    """What the kernel lets a receiver fall behind, which decides how much is lost."""
    buffers = machine.receive_buffers()
    if buffers is None:
        return []
    return [f"receive buffers: {buffers[0]} bytes by default (net.core.rmem_default), "
            f"{buffers[1]} at most (net.core.rmem_max; root may exceed it)"]


def measure(context, tools):
    """Runs A B C D A B C D …, so that whatever else the machine does meets all of them alike."""
    receptions = {(size, tool.name): [] for size in SIZES for tool in tools}
    sendings = {tool.name: [] for tool in tools}
    count, rounds, patience = context.arguments.datagrams, context.arguments.rounds, context.arguments.patience
    for number in range(rounds):
        context.progress(f"datagrams, round {number + 1} of {rounds}")
        for size in SIZES:
            for tool in tools:
                receptions[size, tool.name].append(
                    receive_flood(tool, size, count, RATE, context.payload.directory, patience))
        for tool in tools:
            sendings[tool.name].append(send(tool, context))
    return receptions, sendings


def send(tool, context):
    """All lines by one sockkit; fewer by a peer in a loop, of which none sends a line as a datagram by itself."""
    looped = LOOPED_LINES.get(tool.name)
    count = looped or context.arguments.datagrams
    file = context.payload.lines(count, LINE_SIZE)
    return send_lines(tool, EACH_LINE if looped else (), file, count, LINE_SIZE, context.arguments.patience)


def summarize_receptions(receptions):
    shares = [reception.percentage for reception in receptions]
    return {
        "received": median(shares), "worst": min(shares),
        "processor": median(reception.processor_seconds_per_million for reception in receptions),
        "rate": median(reception.rate for reception in receptions),
    }


def summarize_sendings(sendings):
    rates = [sending.rate for sending in sendings]
    return {
        "lines": sendings[0].lines, "rate": median(rates), "slowest": min(rates), "fastest": max(rates),
        "arrived": median(sending.percentage for sending in sendings),
    }


def judge_receptions(size, rows):
    own = rows["sockkit"]
    best = min(PEERS, key=lambda peer: rows[peer.name]["processor"]).name
    return [
        Figure(f"{size} bytes: received by sockkit", own["received"], ">=", RECEIVED_TARGET, "%"),
        Figure(f"{size} bytes: CPU per datagram received / {best}", own["processor"] / rows[best]["processor"], "<=",
               PROCESSOR_TARGET),
    ]


def judge_sendings(rows):
    best = max(PEERS, key=lambda peer: rows[peer.name]["rate"]).name
    return Figure(f"lines: datagrams per second / a loop over {best}", rows["sockkit"]["rate"] / rows[best]["rate"],
                  ">=", SENDING_TARGET)
