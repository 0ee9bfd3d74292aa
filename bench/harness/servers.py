# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers to put a load on: how they run, each alone on a core, and what they take."""

import ctypes
import dataclasses
import os
import pathlib
import resource
import time

from .messages import LIBRARY, checked
from .ports import LOOPBACK, await_listener, free_port

PR_SET_CHILD_SUBREAPER = 36


@dataclasses.dataclass(frozen=True)
class Server:
    """A server, and the command line that its users would write; `{port}` stands for the port."""

    name: str
    command: tuple
    # Whether one process serves all connections: their processor time is then that of one clock.
    is_single: bool = True

    def start(self, crew, wrapper=()):
        """Starts it on the first core, by a wrapper such as a counter if there is one, and waits until it listens.

        Returns the process and the port. Raises BenchmarkError if it does not come to that.
        """
        null = crew.open(os.devnull, os.O_RDWR)
        port = free_port()
        words = (str(word).format(host=LOOPBACK, port=port) for word in self.command)
        process = crew.start(self.name, [*wrapper, *on_core(0), *words], null, null)
        await_listener(port, process)
        return process, port

    def processor_seconds(self, process):
        """The time its one process has taken so far, to the nanosecond; `None` for a server of many processes."""
        if not self.is_single:
            return None
        return time.clock_gettime(clock_of(process.pid))


def processor_seconds_of_all(process):
    """The time that a process and all others in its group have taken since they started, of those that still run."""
    total = 0.0
    for member in group(process.pid):
        try:
            total += time.clock_gettime(clock_of(member))
        except OSError:
            continue
    return total


def clock_of(pid):
    """What clock_getcpuclockid(3) makes of the number of a process."""
    return ~pid << 3 | 2


@dataclasses.dataclass(frozen=True)
class Memory:
    """What a server and its children hold: all that is resident, and with shared pages counted by their share."""

    resident_bytes: int
    proportional_bytes: int


def prepare():
    """Lets servers have as many descriptors as the system permits, and takes over the children they leave behind.

    Without that nobody could tell when thousands of them have ended, and the next server would run beside them.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    checked("prctl", LIBRARY.prctl(PR_SET_CHILD_SUBREAPER, ctypes.c_ulong(1), 0, 0, 0))


def on_core(index):
    """What to put before a command to keep it on the first or second core, so that server and load stay apart."""
    cores = sorted(os.sched_getaffinity(0))
    return ("taskset", "--cpu-list", str(cores[index])) if len(cores) > index else ()


def memory(process):
    """The memory of a process and of all others in its group."""
    totals = {"Rss:": 0, "Pss:": 0}
    for member in group(process.pid):
        try:
            lines = pathlib.Path(f"/proc/{member}/smaps_rollup").read_text(encoding="ascii").splitlines()
        except OSError:
            continue
        for line in lines[1:]:
            name, size, *_ = line.split()
            if name in totals:
                totals[name] += int(size) << 10
    return Memory(totals["Rss:"], totals["Pss:"])


def group(leader):
    """The numbers of all processes in a process group."""
    members = []
    for entry in os.listdir("/proc"):
        if not entry.isdecimal():
            continue
        try:
            if os.getpgid(int(entry)) == leader:
                members.append(int(entry))
        except ProcessLookupError:
            continue
    return members
