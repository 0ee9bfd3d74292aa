# SPDX-License-Identifier: GPL-3.0-or-later
"""TCP ports on loopback: free ones, and when somebody listens on one."""

import pathlib
import socket
import time

from .errors import BenchmarkError

LOOPBACK = "127.0.0.1"
LISTENING = "0A"


def free_port():
    """A port that the kernel chose and that is free again."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


def await_listener(port, process, patience=10):
    """Waits until somebody listens on the port, without connecting, which would use up a listener for one."""
    deadline = time.monotonic() + patience
    while not is_listening(port):
        if process.has_ended():
            raise BenchmarkError(f"{process.name} ended before it listened: {process.complaint()}")
        if time.monotonic() > deadline:
            raise BenchmarkError(f"{process.name} did not listen on port {port} within {patience} s")
        time.sleep(0.005)


def is_listening(port):
    suffix = f":{port:04X}"
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if not pathlib.Path(table).exists():
            continue
        with open(table, encoding="ascii") as file:
            next(file, None)
            for line in file:
                _, local, _, state, *_ = line.split()
                if state == LISTENING and local.endswith(suffix):
                    return True
    return False
