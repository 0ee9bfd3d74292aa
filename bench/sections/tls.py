# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS: a large file, also through a forwarder, handshakes, and the memory of idle connections."""

import functools
from statistics import median

from harness import forwards, servers, transfers
from harness.builds import CC_FOR_TLS
from harness.errors import Unable
from harness.figures import Figure, Result, Table, tabulate_ratios
from harness.forwards import HAPROXY
from harness.handshakes import CONNECTIONS, hold_idle, run_handshakes
from harness.payload import MIB
from harness.probes import Probe, Reading, count_of
from harness.tls import COPIER, OPENSSL, STUNNEL, build_copier, build_load, make_identity
from harness.tools import NCAT, SOCAT, TASKSET

NEEDS = (NCAT, SOCAT, HAPROXY, STUNNEL, OPENSSL, CC_FOR_TLS, TASKSET)
PROBES_NEED = (OPENSSL, CC_FOR_TLS, TASKSET)
OWN = "sockkit"
KINDS = ("full", "resumed")
IDLE = 5000
VERIFIED_SIZE = 32
TRANSFER_TARGETS = {NCAT.name: 2, COPIER: 0.9}
FORWARDER_TARGETS = {HAPROXY.name: 1}
HANDSHAKE_TARGETS = {HAPROXY.name: 1, NCAT.name: 1}
RESUMPTION_TARGET = 1.1
MEMORY_TARGET = 24
TRANSFER_COLUMNS = ("tool", "MiB per s", "slowest", "fastest", "CPU s per GiB, both ends")
FORWARDER_COLUMNS = ("forwarder", "MiB per s", "slowest", "fastest", "CPU s per GiB")
HANDSHAKE_COLUMNS = ("server", "per s", "slowest", "fastest", "99 % within µs", "CPU µs each", "per s of CPU",
                     "server busy %", "load busy %")
IDLE_COLUMNS = ("server", "KiB at the start", "KiB per connection", "after a line each", "answered")


class Setting:
    """What every part is measured with: a certificate, the programs in C, and the numbers of the command line."""

    def __init__(self, context):
        servers.prepare()
        self.arguments, self.directory = context.arguments, context.payload.directory
        self.file, self.verified = context.payload.file(self.arguments.size), context.payload.file(VERIFIED_SIZE)
        self.receiver = context.tools.sockkit
        self.identity = make_identity(self.directory)
        self.copier = build_copier(self.identity, self.directory)
        self.load = build_load(self.directory)

    def verify_tool(self, tool):
        """With itself, and both ways with the program in C, which refuses any other cipher."""
        transfers.verify(tool, self.verified, self.arguments.patience)
        transfers.verify(tool, self.verified, self.arguments.patience, sender=self.copier)
        transfers.verify(self.copier, self.verified, self.arguments.patience, sender=tool)

    def verify_forwarder(self, forwarder):
        forwards.verify(forwarder, self.receiver, self.verified, self.arguments.patience, self.copier)

    def transfer(self, tool):
        return transfers.file_to_null(tool, self.file, self.arguments.patience)

    def forward(self, forwarder):
        return forwards.forward_file(
            forwarder, self.receiver, self.file, self.arguments.patience, sender=self.copier)

    def run_handshakes(self, kind, server):
        return run_handshakes(server, self.load, kind, self.arguments.seconds, self.arguments.patience)

    def hold_idle(self, server):
        return hold_idle(server, self.load, IDLE, self.arguments.patience)

    def processor_seconds_per_gib(self, transfer):
        return transfer.processor_seconds / self.arguments.size * 1024


def run(context):
    setting, sockkit = Setting(context), context.tools.sockkit
    identity, rounds = setting.identity, context.arguments.rounds
    tools = (identity.equip(sockkit), *identity.peers(setting.copier))
    forwarders = (identity.own_forwarder(sockkit), *identity.forwarders(setting.directory))
    own, *others = (identity.own_server(sockkit), *identity.servers(setting.directory))
    for tool in tools:
        setting.verify_tool(tool)
    for forwarder in forwarders:
        setting.verify_forwarder(forwarder)
    parts = {
        "transfers": (setting.transfer, tools),
        "forward": (setting.forward, forwarders),
        "full": (functools.partial(setting.run_handshakes, "full"), (own, *others)),
        # ncat resumes too, but after half a second of warm-up some of its connections have had no ticket yet.
        "resumed": (functools.partial(setting.run_handshakes, "resumed"),
                    (own, *(server for server in others if server.is_single))),
        "idle": (setting.hold_idle, (own,)),
    }
    taken, problems = measure(context, parts)
    return report(setting, parts, taken, problems, rounds)


def measure(context, parts):
    """Runs A B C A B C …, so that other activity of the machine affects all of them alike.

    A server that cannot do something is not asked for it again.
    """
    taken = {(part, item.name): [] for part, (_, items) in parts.items() for item in items}
    problems = {}
    for turn in range(context.arguments.rounds):
        context.progress(f"tls, round {turn + 1} of {context.arguments.rounds}")
        for part, (act, items) in parts.items():
            for item in items:
                if (part, item.name) in problems:
                    continue
                try:
                    taken[part, item.name].append(act(item))
                except Unable as reason:
                    problems[part, item.name] = reason
                    taken[part, item.name] = []
    return taken, problems


def report(setting, parts, taken, problems, rounds):
    arguments = setting.arguments
    titles = {
        "transfers": (f"{arguments.size} MiB over TLS, file to null", TRANSFER_COLUMNS),
        "forward": (f"{arguments.size} MiB through each, from TLS to plain", FORWARDER_COLUMNS),
        "full": (f"full handshakes, {CONNECTIONS} connections at a time, {arguments.seconds} s", HANDSHAKE_COLUMNS),
        "resumed": (f"resumed handshakes, {CONNECTIONS} connections at a time, {arguments.seconds} s",
                    HANDSHAKE_COLUMNS),
        "idle": (f"{IDLE} idle connections, PSS", IDLE_COLUMNS),
    }
    summaries = {
        "transfers": functools.partial(summarize_transfers, setting), "forward": summarize_forwards,
        "full": summarize_handshakes, "resumed": summarize_handshakes, "idle": summarize_idle,
    }
    tables = []
    for part, (_, items) in parts.items():
        title, columns = titles[part]
        rows = []
        for item in items:
            runs = taken[part, item.name]
            cells = summaries[part](item, runs) if runs else (None,) * (len(columns) - 1)
            rows.append((item.name, *cells))
        tables.append(Table(f"{title}, {rounds} rounds, medians", columns, rows))
    ratios, figures = judge(taken)
    tables.append(tabulate_ratios(f"{OWN} beside others, round by round", ratios))
    figures += judge_idle(taken["idle", OWN])
    notes = [f"{name}, {part}: {problem}" for (part, name), problem in problems.items()]
    return Result("tls", tables, figures, notes)


def spread(values):
    return median(values), min(values), max(values)


def summarize_transfers(setting, _, runs):
    return (*spread([run.rate(setting.arguments.size) for run in runs]),
            median(setting.processor_seconds_per_gib(run) for run in runs))


def summarize_forwards(_, runs):
    return (*spread([run.rate / MIB for run in runs]), median(run.processor_seconds_per_gib for run in runs))


def summarize_handshakes(server, runs):
    """The clock of one process says nothing about a server of many."""
    of_server = (None,) * 3 if not server.is_single else (
        median(run.processor_microseconds for run in runs), median(run.rate_of_core for run in runs),
        median(100 * run.server_seconds / run.seconds for run in runs))
    return (*spread([run.rate for run in runs]), median(run.most_within for run in runs), *of_server,
            median(100 * run.load_seconds / run.seconds for run in runs))


def summarize_idle(_, runs):
    return (median(run.start_bytes / 1024 for run in runs), median(run.bytes_each / 1024 for run in runs),
            median(run.bytes_each_after_line / 1024 for run in runs), min(run.answered for run in runs))


def judge(taken):
    """The ratios by round, and the figures that have targets.

    Full handshakes cost the load more than the servers, so single servers are compared by their processor time.
    """
    def rate(run):
        return run.rate

    def duration(transfer):
        return 1 / transfer.seconds

    def rate_of_core(run):
        return run.rate_of_core

    compared = [
        *((f"transfer / {peer}", ("transfers", OWN), ("transfers", peer), duration, bound)
          for peer, bound in TRANSFER_TARGETS.items()),
        *((f"forward / {peer}", ("forward", OWN), ("forward", peer), rate, bound)
          for peer, bound in FORWARDER_TARGETS.items()),
        *((f"full handshakes / {peer}", ("full", OWN), ("full", peer), rate_of_core if peer == HAPROXY.name else rate,
           bound) for peer, bound in HANDSHAKE_TARGETS.items()),
        ("resumed handshakes / full", ("resumed", OWN), ("full", OWN), rate_of_core, RESUMPTION_TARGET),
    ]
    ratios, figures = {}, []
    for name, own, other, value, bound in compared:
        ratios[name] = [value(one) / value(two) for one, two in zip(taken[own], taken[other])]
        figures.append(Figure(name, median(ratios[name]) if ratios[name] else None, ">=", bound))
    return ratios, figures


def judge_idle(runs):
    answered = min((run.answered for run in runs), default=0)
    each = median(run.bytes_each_after_line / 1024 for run in runs) if runs else None
    return [Figure(f"{IDLE} connections: lines that came back", answered, ">=", IDLE),
            Figure(f"{IDLE} connections: memory for each", each, "<=", MEMORY_TARGET, "KiB")]


def probes(context):
    """The sender and the receiver at the ends of a forwarder are the same beside either."""
    setting = Setting(context)
    identity, size = setting.identity, context.arguments.size

    def read_transfer(tool):
        run = setting.transfer(identity.equip(tool))
        return [Reading("throughput", run.rate(size), "MiB/s", is_rate=True),
                Reading("CPU of both sides", setting.processor_seconds_per_gib(run), "s per GiB")]

    def read_forward(tool):
        run = setting.forward(identity.own_forwarder(tool))
        return [Reading("throughput", run.rate / MIB, "MiB/s", is_rate=True),
                Reading("CPU", run.processor_seconds_per_gib, "s per GiB")]

    def read_handshakes(kind, tool):
        run = setting.run_handshakes(kind, identity.own_server(tool))
        return [Reading("rate", run.rate, "per s", is_rate=True),
                Reading("CPU each", run.processor_microseconds, "µs")]

    def read_idle(tool):
        idle = setting.hold_idle(identity.own_server(tool))
        return [Reading("PSS per connection", idle.bytes_each / 1024, "KiB"),
                Reading("PSS per connection, after a line each", idle.bytes_each_after_line / 1024, "KiB")]

    return [
        Probe(f"{size} MiB over TLS", read_transfer, lambda tool: setting.verify_tool(identity.equip(tool))),
        Probe(f"{size} MiB, from TLS to plain", read_forward,
              lambda tool: setting.verify_forwarder(identity.own_forwarder(tool))),
        *(Probe(f"{kind} handshakes", functools.partial(read_handshakes, kind)) for kind in KINDS),
        Probe(count_of(IDLE, "idle TLS connection"), read_idle),
    ]
