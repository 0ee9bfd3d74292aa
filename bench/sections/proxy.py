# SPDX-License-Identifier: GPL-3.0-or-later
"""Proxies: a large file through each, connections one after the other, and many that are idle."""

import dataclasses
from statistics import median

from harness import servers
from harness.builds import CC, compile_c
from harness.errors import Unable
from harness.figures import Figure, Result, Table, tabulate_ratios
from harness.forwards import HAPROXY, forward_file, verify
from harness.handshakes import CONNECTIONS
from harness.payload import MIB
from harness.probes import Probe, Reading, count_of
from harness.proxies import DANTE, MICROSOCKS, Load, own_forwarder, own_proxy, peers, reference
from harness.tools import NCAT, STRACE, TASKSET
from sections.syscalls import total_of_strace

NEEDS = (DANTE, MICROSOCKS, NCAT, HAPROXY, STRACE, CC, TASKSET)
PROBES_NEED = (CC, TASKSET)
IDLE = 5000
VERIFIED_SIZE = 32
COMPARED = (DANTE.name, MICROSOCKS.name, NCAT.name)
THROUGHPUT_TARGET = 3
RATE_TARGET = 2
MEMORY_TARGET = 4
# A process for each connection takes long to start and to end: such proxies have idle connections in one round only.
FORKING_ROUNDS = 1
# The handshake costs `connect` a few calls, and nothing for each byte.
ADDED_TARGET = 1.1
TRANSFER_COLUMNS = ("proxy", "MiB per s", "slowest", "fastest", "CPU s per GiB", "CPU s per GiB of the sender")
RATE_COLUMNS = ("proxy", "per s", "slowest", "fastest", "99 % open within µs", "CPU µs each", "proxy busy %",
                "load busy %")
IDLE_COLUMNS = ("proxy", "KiB at the start", "KiB per connection", "after a byte each", "answered")


class Setting:
    """What every part is measured with: files, the programs in C, and the numbers of the command line."""

    def __init__(self, context):
        servers.prepare()
        self.arguments, self.directory = context.arguments, context.payload.directory
        self.file, self.verified = context.payload.file(self.arguments.size), context.payload.file(VERIFIED_SIZE)
        self.traced_file = context.payload.file(self.arguments.traced_size)
        # Most proxies end both directions with the first end, and the receiver's would come at once.
        self.ends = dataclasses.replace(
            context.tools.sockkit, listen_arguments=("listen", "--recv-only", "{host}", "{port}"),
            connect_arguments=("connect", "--send-only", "{host}", "{port}"))
        # The ends share a core. With one that copies nothing they need less of it than a fast proxy of its own.
        self.discard = dataclasses.replace(
            self.ends, program=compile_c("load/discard.c", self.directory),
            listen_arguments=("{port}", str(self.arguments.size * MIB)))
        self.load = Load(
            compile_c("load/proxy_load.c", self.directory), compile_c("servers/epoll_echo.c", self.directory),
            self.arguments.patience)

    def verify(self, proxy):
        verify(proxy, self.ends, self.verified, self.arguments.patience)

    def transfer(self, proxy):
        return forward_file(proxy, self.discard, self.file, self.arguments.patience, sender=self.ends)

    def run_connections(self, proxy):
        return self.load.run_connections(proxy, self.arguments.seconds)

    def hold_idle(self, proxy):
        return self.load.hold_idle(proxy, IDLE)

    def calls_per_mebibyte(self, proxy):
        """The system calls of the sender for each further MiB, so without those of its start and of the handshake."""
        sizes = VERIFIED_SIZE, self.arguments.traced_size
        small, large = (self._count_calls(proxy, file) for file in (self.verified, self.traced_file))
        return (large - small) / (sizes[1] - sizes[0])

    def _count_calls(self, proxy, file):
        log = self.directory / "sender.log"
        tracer = (STRACE.program, "-c", "-f", "-o", str(log), self.ends.program)
        traced = dataclasses.replace(
            self.ends, program=tracer[0], connect_arguments=(*tracer[1:], *self.ends.connect_arguments))
        forward_file(proxy, self.ends, file, self.arguments.patience, sender=traced)
        return total_of_strace(log.read_text(encoding="utf-8"))


def run(context):
    setting, sockkit = Setting(context), context.tools.sockkit
    own, plain = own_proxy(sockkit), own_forwarder(sockkit)
    others = peers(setting.directory)
    proxies = (own, *others)
    for proxy in (plain, *proxies):
        setting.verify(proxy)
    parts = {
        "transfers": (setting.transfer, (own, plain, *others)),
        "connections": (setting.run_connections, (*proxies, reference(setting.directory))),
        "idle": (setting.hold_idle, proxies),
    }
    taken, problems = measure(context, parts)
    calls = {proxy.name: median(setting.calls_per_mebibyte(proxy) for _ in range(context.arguments.traced_rounds))
             for proxy in (own, plain)}
    return report(setting, parts, taken, problems, calls, own, plain)


def measure(context, parts):
    """Runs A B C A B C …, so that other activity of the machine affects all of them alike.

    A proxy that cannot do something is not asked for it again.
    """
    taken = {(part, proxy.name): [] for part, (_, proxies) in parts.items() for proxy in proxies}
    problems = {}
    for turn in range(context.arguments.rounds):
        for part, (act, proxies) in parts.items():
            context.progress(f"proxy, {part}, round {turn + 1} of {context.arguments.rounds}")
            for proxy in proxies:
                is_left_out = part == "idle" and not proxy.is_single and turn >= FORKING_ROUNDS
                if is_left_out or (part, proxy.name) in problems:
                    continue
                try:
                    taken[part, proxy.name].append(act(proxy))
                except Unable as reason:
                    problems[part, proxy.name] = reason
                    taken[part, proxy.name] = []
    return taken, problems


def report(setting, parts, taken, problems, calls, own, plain):
    arguments = setting.arguments
    contents = {
        "transfers": (f"{arguments.size} MiB through each", TRANSFER_COLUMNS, summarize_transfers),
        "connections": (f"connections with a byte there and back, {CONNECTIONS} at a time, {arguments.seconds} s",
                        RATE_COLUMNS, summarize_connections),
        "idle": (f"{IDLE} idle connections, PSS", IDLE_COLUMNS, summarize_idle),
    }
    tables = []
    for part, (title, columns, summarize) in contents.items():
        rows = []
        for proxy in parts[part][1]:
            runs = taken[part, proxy.name]
            rows.append((proxy.name, *(summarize(proxy, runs) if runs else (None,) * (len(columns) - 1))))
        tables.append(Table(f"{title}, {arguments.rounds} rounds, medians", columns, rows))
    tables.append(Table(
        f"system calls of the sender per further MiB, strace, {arguments.traced_rounds} rounds, medians",
        ("through", "calls per MiB"), list(calls.items())))
    ratios, figures = judge(taken, own)
    tables.append(tabulate_ratios(f"{own.name} beside others, round by round", ratios))
    figures += judge_idle(taken["idle", own.name])
    figures += judge_sender(taken, calls, own, plain)
    notes = [f"{name}, {part}: {problem}" for (part, name), problem in problems.items()]
    return Result("proxy", tables, figures, notes)


def spread(values):
    return median(values), min(values), max(values)


def summarize_transfers(proxy, runs):
    return (*spread([run.rate / MIB for run in runs]),
            median(run.processor_seconds_per_gib for run in runs) if proxy.is_single else None,
            median(run.sender_seconds_per_gib for run in runs))


def summarize_connections(proxy, runs):
    """The clock of one process says nothing about a proxy of many."""
    of_proxy = (None,) * 2 if not proxy.is_single else (
        median(run.processor_microseconds for run in runs),
        median(100 * run.server_seconds / run.seconds for run in runs))
    return (*spread([run.rate for run in runs]), median(run.most_within for run in runs), *of_proxy,
            median(100 * run.load_seconds / run.seconds for run in runs))


def summarize_idle(_, runs):
    return (median(run.start_bytes / 1024 for run in runs), median(run.bytes_each / 1024 for run in runs),
            median(run.bytes_each_after_line / 1024 for run in runs), min(run.answered for run in runs))


def judge(taken, own):
    """The ratios by round, and the figures that have targets."""
    ratios, figures = {}, []
    for part, title, bound in (("transfers", "throughput", THROUGHPUT_TARGET), ("connections", "rate", RATE_TARGET)):
        for peer in COMPARED:
            name = f"{title} / {peer}"
            pairs = zip(taken[part, own.name], taken[part, peer])
            ratios[name] = [mine.rate / other.rate for mine, other in pairs]
            figures.append(Figure(name, median(ratios[name]) if ratios[name] else None, ">=", bound))
    return ratios, figures


def judge_idle(runs):
    answered = min((run.answered for run in runs), default=0)
    each = median(run.bytes_each_after_line / 1024 for run in runs) if runs else None
    return [Figure(f"{IDLE} connections: bytes that came back", answered, ">=", IDLE),
            Figure(f"{IDLE} connections: memory for each", each, "<=", MEMORY_TARGET, "KiB")]


def judge_sender(taken, calls, own, plain):
    """What a proxy adds to the cost of `connect`, beside a forwarder that needs no handshake."""
    pairs = zip(taken["transfers", own.name], taken["transfers", plain.name])
    added = [mine.sender_seconds_per_gib / other.sender_seconds_per_gib for mine, other in pairs]
    return [Figure("sender through a proxy: CPU / without a handshake", median(added), "<=", ADDED_TARGET),
            Figure("sender through a proxy: calls / without a handshake", calls[own.name] / calls[plain.name], "<=",
                   ADDED_TARGET)]


def probes(context):
    """The sender and the receiver of the file are the new sockkit beside either proxy, which alone differs."""
    setting = Setting(context)

    def read_transfer(tool):
        run = setting.transfer(own_proxy(tool))
        return [Reading("throughput", run.rate / MIB, "MiB/s", is_rate=True),
                Reading("CPU", run.processor_seconds_per_gib, "s per GiB")]

    def read_connections(tool):
        run = setting.run_connections(own_proxy(tool))
        return [Reading("rate", run.rate, "per s", is_rate=True),
                Reading("CPU each", run.processor_microseconds, "µs")]

    def read_idle(tool):
        idle = setting.hold_idle(own_proxy(tool))
        return [Reading("PSS per connection", idle.bytes_each / 1024, "KiB"),
                Reading("PSS per connection, after a byte each", idle.bytes_each_after_line / 1024, "KiB")]

    return [
        Probe(f"{context.arguments.size} MiB", read_transfer, lambda tool: setting.verify(own_proxy(tool))),
        Probe("connections", read_connections),
        Probe(count_of(IDLE, "idle connection"), read_idle),
    ]
