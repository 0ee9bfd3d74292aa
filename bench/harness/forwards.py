# SPDX-License-Identifier: GPL-3.0-or-later
"""One forwarder between a sender and a receiver, or between a load and an echo server."""

import dataclasses
import filecmp
import os

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


def forward_file(forwarder, sockkit, file, patience, output=os.devnull):
    """Sends a file by sockkit through a forwarder to another sockkit; the ends share a core, and it has the other."""
    with Crew(patience) as crew:
        target = free_port()
        null = crew.open(os.devnull, os.O_RDWR)
        sink = crew.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        receiver = crew.start("the receiver", [*on_core(1), *sockkit.listen(target)], null, sink)
        await_listener(target, receiver)
        server = forwarder.to(target)
        process, port = server.start(crew)
        before = server.processor_seconds(process)
        sender = crew.start("the sender", [*on_core(1), *sockkit.connect(port)], crew.open(file), null)
        crew.wait(sender, receiver)
        after = server.processor_seconds(process)
        size = os.path.getsize(file)
        ended = max(sender.usage.ended, receiver.usage.ended)
        return Forwarded(size / (ended - sender.started), None if before is None else (after - before) / size * GIB)


def verify(forwarder, sockkit, file, patience):
    """Forwards a file once and compares what arrives, so that no speed is bought with lost bytes."""
    arrived = f"{file}-forwarded"
    try:
        forward_file(forwarder, sockkit, file, patience, arrived)
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


def haproxy_command(directory, *options):
    """The command for HAProxy in TCP mode, with one thread as the others have, and its configuration in a file."""
    path = os.path.join(directory, f"haproxy{len(options)}.cfg")
    lines = [
        "global", "  nbthread 1", "  maxconn 2000",
        "defaults", "  mode tcp", "  timeout connect 10s", "  timeout client 1m", "  timeout server 1m",
        *(f"  {option}" for option in options),
        "listen forward", f"  bind {LOOPBACK}:${{PORT}}", f"  server target {LOOPBACK}:${{TARGET}}",
    ]
    with open(path, "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")
    return ("env", "PORT={port}", "TARGET={target}", HAPROXY.program, "-db", "-f", path)
