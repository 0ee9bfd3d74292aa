# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers that take part, and how many connections each of them gets."""

import dataclasses
import os
import time

from harness.errors import BenchmarkError
from harness.ports import LOOPBACK

# The part of all connections that belongs to clients that do something; the others are idle.
ACTIVE_PART = 0.1
# Of those that do something, at most so many ask for answers that are checked and timed.
MOST_GOOD = 8
# Each datagram costs a receiver more than a client, so few of these clients are enough.
MOST_SENDERS = 10
SPARE_PIPES = 2 * 16
STARTING_PATIENCE = 10


@dataclasses.dataclass(frozen=True)
class Kind:
    """A server: its options, what is spoken with it, and its part of the idle connections."""

    name: str
    words: tuple
    speaks: str
    tls: bool = False
    # What follows the address.
    ending: tuple = ()
    idle_part: float = 0
    most_idle: int = 1 << 20
    # Descriptors that it keeps for the next clients, as PipePool does.
    spare_descriptors: int = 0


@dataclasses.dataclass
class Running:
    """A server that has been started."""

    kind: Kind
    process: object
    port: int
    # The read end of its standard output.
    output: int

    @property
    def name(self):
        return self.kind.name


ECHO = "echo, event"
KINDS = (
    Kind(ECHO, ("echo-server", "--model", "event", "-i", "0"), "echo", idle_part=0.31),
    Kind("echo, thread", ("echo-server", "--model", "thread", "-i", "0"), "echo", idle_part=0.05, most_idle=700),
    Kind("echo, fork", ("echo-server", "--model", "fork", "-i", "0"), "echo", idle_part=0.02, most_idle=300),
    Kind("echo, TLS", ("echo-server", "-i", "0"), "echo", tls=True, idle_part=0.15),
    Kind("echo, UDP", ("echo-server", "--udp"), "udp-echo"),
    Kind("calc, fork", ("calc-server",), "calc"),
    Kind("http", ("http-server", "--root", "{site}"), "http"),
    Kind("http, TLS", ("http-server", "--root", "{site}"), "http", tls=True),
    Kind("listen, command", ("listen", "-k"), "echo", ending=("--", "cat")),
    Kind("listen, broker", ("listen", "--broker"), "broker"),
    Kind("udp-recv", ("udp-recv",), "udp-recv"),
    Kind("forward", ("forward",), "echo", ending=("{host}:{target}",), idle_part=0.2,
         spare_descriptors=SPARE_PIPES),
    Kind("forward, TLS", ("forward",), "echo", tls=True, ending=("{host}:{target}",), idle_part=0.07,
         spare_descriptors=SPARE_PIPES),
    Kind("proxy", ("proxy",), "socks", idle_part=0.2, spare_descriptors=SPARE_PIPES),
)


def start(kind, crew, setting, target):
    """Starts a server on a port that the kernel chooses, and waits until it listens.

    Raises BenchmarkError if it does not come to that.
    """
    null = crew.open(os.devnull, os.O_RDWR)
    output, written = crew.pipe()
    port_file = setting.directory / f"port of {kind.name}"
    names = {"site": setting.site, "host": LOOPBACK, "target": target}
    process = crew.start(kind.name, [
        setting.program, *(word.format(**names) for word in kind.words), "--port-file", port_file,
        *(setting.identity.listening() if kind.tls else ()), f"{LOOPBACK}:0",
        *(word.format(**names) for word in kind.ending)], null, written if kind.speaks == "udp-recv" else null)
    deadline = time.monotonic() + STARTING_PATIENCE
    while not port_file.exists():
        if process.has_ended():
            raise BenchmarkError(f"{kind.name} ended before it listened: {process.complaint()}")
        if time.monotonic() > deadline:
            raise BenchmarkError(f"{kind.name} did not listen within {STARTING_PATIENCE} s")
        time.sleep(0.005)
    return Running(kind, process, int(port_file.read_text(encoding="ascii")), output)


def idle_count(kind, connections):
    return min(kind.most_idle, int(connections * (1 - ACTIVE_PART) * kind.idle_part))


def active_count(connections):
    """The clients of each server that do something."""
    return max(4, int(connections * ACTIVE_PART / len(KINDS)))


def other_count(kind, most):
    return min(most, MOST_SENDERS) if kind.speaks.startswith("udp") else most


def plan(servers, setting, connections, with_others):
    """What the clients that do something have to know."""
    each = active_count(connections)
    good = min(MOST_GOOD, each // 2)
    echo = next(server.port for server in servers if server.name == ECHO)
    return {
        "certificate": str(setting.identity.certificate),
        "servers": [{
            "name": server.name, "port": server.port, "speaks": server.kind.speaks, "tls": server.kind.tls,
            "target": echo, "site": str(setting.site), "files": sorted(os.listdir(setting.site)), "good": good,
            "others": other_count(server.kind, each - good) if with_others else 0,
        } for server in servers],
    }
