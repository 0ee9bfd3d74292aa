# SPDX-License-Identifier: GPL-3.0-or-later
"""One forwarder between a sender and a receiver, or between a load and an echo server."""

import dataclasses
import filecmp
import os
import tempfile

from .echoes import load_echo
from .errors import BenchmarkError
from .ports import LOOPBACK, await_listener, free_port
from .processes import Crew
from .servers import Server, on_core
from .tools import Tool

HAPROXY = Tool("haproxy", "haproxy", "haproxy", ("-v",))
GIB = 1 << 30


@dataclasses.dataclass(frozen=True)
class Forwarder:
    """A program that forwards, and the command line that its users would write; `{target}` stands for the port."""

    name: str
    command: tuple
    # Whether one process serves all connections: their processor time is then that of one clock.
    is_single: bool = True

    def connect(self, tool, port, target):
        """The command with which a tool sends to the target through the forwarder, which listens on the port."""
        del target
        return tool.connect(port)

    def to(self, target):
        """The server that forwards to a port."""
        words = (str(word).format(host="{host}", port="{port}", target=target) for word in self.command)
        return Server(self.name, tuple(words), self.is_single)


@dataclasses.dataclass(frozen=True)
class Forwarded:
    """How a transfer went."""

    rate: float
    # None for a forwarder of many processes.
    processor_seconds_per_gib: float
    sender_seconds_per_gib: float


def forward_file(forwarder, sockkit, file, patience, output=os.devnull, sender=None):
    """Sends a file through a forwarder to sockkit; the ends share a core, and it has the other.

    The sender is sockkit too, or another tool.
    """
    with Crew(patience) as crew:
        target = free_port()
        null = crew.open(os.devnull, os.O_RDWR)
        sink = crew.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        receiver = crew.start("the receiver", [*on_core(1), *sockkit.listen(target)], null, sink)
        await_listener(target, receiver)
        server = forwarder.to(target)
        process, port = server.start(crew)
        before = server.processor_seconds(process)
        sending = sender or sockkit
        sender = crew.start("the sender", [*on_core(1), *forwarder.connect(sending, port, target)], crew.open(file), null)
        crew.wait(sender, receiver)
        after = server.processor_seconds(process)
        size = os.path.getsize(file)
        ended = max(sender.usage.ended, receiver.usage.ended)
        return Forwarded(
            size / (ended - sender.started), None if before is None else (after - before) / size * GIB,
            sender.usage.processor_seconds / size * GIB)


def verify(forwarder, sockkit, file, patience, sender=None):
    """Forwards a file once and compares what arrives, so that no speed is bought with lost bytes."""
    arrived = f"{file}-forwarded"
    try:
        forward_file(forwarder, sockkit, file, patience, arrived, sender)
        if not filecmp.cmp(file, arrived, shallow=False):
            raise BenchmarkError(f"{forwarder.name} changed or lost bytes of {os.path.getsize(file)}")
    finally:
        if os.path.exists(arrived):
            os.unlink(arrived)


def forward_echoes(forwarder, echo_server, load, connections, seconds, patience):
    """Puts the load of `echoes` on a forwarder, with an echo server behind it on the core of the load."""
    with Crew(patience) as crew:
        target = free_port()
        null = crew.open(os.devnull, os.O_RDWR)
        behind = crew.start("the echo server", [*on_core(1), echo_server, target], null, null)
        await_listener(target, behind)
        return load_echo(forwarder.to(target), load, connections, seconds, patience)


def haproxy_command(directory, *options, binding=""):
    """The command for HAProxy in TCP mode; `binding` is added to the address, such as for TLS."""
    path = write_haproxy_configuration(
        directory, [*options, f"bind {LOOPBACK}:${{PORT}} {binding}", f"server target {LOOPBACK}:${{TARGET}}"])
    return ("env", "PORT={port}", "TARGET={target}", HAPROXY.program, "-db", "-f", path)


def write_haproxy_configuration(directory, lines, mode="tcp"):
    """Writes a configuration with one thread, as the others have, and returns its path."""
    lines = [
        "global", "  nbthread 1", "  maxconn 8000",
        f"listen {mode}", f"  mode {mode}", "  timeout connect 10s", "  timeout client 1m", "  timeout server 1m",
        *(f"  {line}".rstrip() for line in lines),
    ]
    descriptor, path = tempfile.mkstemp(".cfg", "haproxy-", directory)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    return path
