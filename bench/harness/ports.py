# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports on loopback: free ones, and when somebody listens on one."""

import dataclasses
import pathlib
import socket
import time

from .errors import BenchmarkError

LOOPBACK = "127.0.0.1"


@dataclasses.dataclass(frozen=True)
class Protocol:
    """What tells a socket that listens: its type, and its state in the kernel's tables."""

    socket_type: int
    tables: tuple
    state: str


TCP = Protocol(socket.SOCK_STREAM, ("/proc/net/tcp", "/proc/net/tcp6"), "0A")
# A bound datagram socket receives; one that is connected to a sender has another state.
UDP = Protocol(socket.SOCK_DGRAM, ("/proc/net/udp", "/proc/net/udp6"), "07")


def free_port(protocol=TCP):
    """A port that the kernel chose and that is free again."""
    with socket.socket(type=protocol.socket_type) as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


def await_listener(port, process, protocol=TCP, patience=10):
    """Waits until somebody listens on the port, without connecting, which would use up a listener for one."""
    deadline = time.monotonic() + patience
    while not is_listening(port, protocol):
        if process.has_ended():
            raise BenchmarkError(f"{process.name} ended before it listened: {process.complaint()}")
        if time.monotonic() > deadline:
            raise BenchmarkError(f"{process.name} did not listen on port {port} within {patience} s")
        time.sleep(0.005)


def await_free_ports(most=4000, patience=90):
    """Waits until few connections are in TIME_WAIT, whose ports cannot be bound, for a program that binds a port for each.

    `connect` without `bind` may use such a port again after a second, so others need not wait.
    """
    deadline = time.monotonic() + patience
    while count_of_time_wait() > most:
        if time.monotonic() > deadline:
            raise BenchmarkError(f"after {patience} s more than {most} connections are still in TIME_WAIT")
        time.sleep(0.5)


def count_of_time_wait():
    for line in pathlib.Path("/proc/net/sockstat").read_text(encoding="ascii").splitlines():
        words = line.split()
        if words[0] == "TCP:":
            return int(words[words.index("tw") + 1])
    return 0


def is_listening(port, protocol):
    suffix = f":{port:04X}"
    for table in protocol.tables:
        if not pathlib.Path(table).exists():
            continue
        with open(table, encoding="ascii") as file:
            next(file, None)
            for line in file:
                _, local, _, state, *_ = line.split()
                if state == protocol.state and local.endswith(suffix):
                    return True
    return False
