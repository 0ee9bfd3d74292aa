# SPDX-License-Identifier: GPL-3.0-or-later
"""One echo server with many connections on which nothing happens."""

import contextlib
import dataclasses
import pathlib
import socket

from .errors import BenchmarkError, Unable
from .ports import LOOPBACK
from .processes import Crew

MESSAGE = b"m" * 64
# A backlog is often 128: this many are opened before an answer shows that all of them were accepted.
OPENED_AT_A_TIME = 100


@dataclasses.dataclass(frozen=True)
class Idle:
    """What a server held in memory of its own, VmRSS: with no connection, and more for each that was open."""

    start_bytes: int
    bytes_each: float
    # Once each connection has had one message answered, which may have allocated buffers that remain.
    bytes_each_after_message: float


def measure_idle(server, count, patience):
    """Opens connections to a server of one process, and looks at its memory; then again after a message each.

    Raises Unable if it does not serve so many.
    """
    with Crew(patience) as crew, contextlib.ExitStack() as stack:
        process, port = server.start(crew)
        connections = []
        try:
            # What only the first connection takes, such as code that is loaded late, does not count for each.
            exchange(open_connection(stack, port, patience))
            start = resident_bytes(process)
            while len(connections) < count:
                connections.append(open_connection(stack, port, patience))
                if len(connections) % OPENED_AT_A_TIME == 0 or len(connections) == count:
                    exchange(connections[-1])
            opened = resident_bytes(process)
            for connection in connections:
                exchange(connection)
        except OSError as error:
            raise Unable(f"{error} ({len(connections)} of {count} were open)") from error
        answered = resident_bytes(process)
        return Idle(start, (opened - start) / count, (answered - start) / count)


def open_connection(stack, port, patience):
    return stack.enter_context(socket.create_connection((LOOPBACK, port), patience))


def exchange(connection):
    """One message there and back: connections are accepted in order, so that those before it have been, too."""
    connection.sendall(MESSAGE)
    received = b""
    while len(received) < len(MESSAGE):
        chunk = connection.recv(len(MESSAGE))
        if not chunk:
            raise ConnectionError("the server closed a connection")
        received += chunk


def resident_bytes(process):
    """What it holds now, as its status says."""
    try:
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    except OSError as error:
        raise BenchmarkError(f"{process.name} has ended: {process.complaint()}") from error
    for line in status.splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) << 10
    raise BenchmarkError(f"{process.name} has ended: {process.complaint()}")
