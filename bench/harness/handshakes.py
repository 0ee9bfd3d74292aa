# SPDX-License-Identifier: GPL-3.0-or-later
"""One server under the load of handshakes, such as those of TLS, or with many idle connections."""

import dataclasses
import os

from .echoes import receive_answer
from .errors import BenchmarkError, Unable
from .processes import Crew
from .servers import memory, on_core

# Connections at a time.
CONNECTIONS = 16
WARM_UP_MILLISECONDS = 500
# A server that has not done each step by then is too slow for so many idle connections.
STEP_MILLISECONDS = 60_000


@dataclasses.dataclass(frozen=True)
class Handshakes:
    """How a server handled connections that end after the handshake."""

    count: int
    seconds: float
    # The time of a handshake for the client, in microseconds.
    most_within: float
    server_seconds: float
    load_seconds: float

    @property
    def rate(self):
        return self.count / self.seconds

    @property
    def rate_of_core(self):
        """For each second of the server's processor time: the rate if the load were not the limit."""
        return self.count / self.server_seconds

    @property
    def processor_microseconds(self):
        return self.server_seconds / self.count * 1e6


@dataclasses.dataclass(frozen=True)
class IdleStreams:
    """What a server holds in memory (PSS): with one connection, and more for each other one."""

    start_bytes: int
    bytes_each: float
    # Once a line, or a byte, has been echoed on each.
    bytes_each_after_line: float
    answered: int


def run_handshakes(server, load, kind, seconds, patience, *options):
    """Makes connections for that long that end after the handshake; `kind` is one of the load's, as the options are.

    Raises Unable if a connection fails.
    """
    with Crew(patience) as crew:
        process, port = server.start(crew)
        null = crew.open(os.devnull)
        answer, answered = crew.pipe()
        generator = crew.start(
            "the load", [*on_core(1), load, kind, port, CONNECTIONS, WARM_UP_MILLISECONDS, int(seconds * 1000),
                         process.pid, *options], null, answered)
        said = receive_progress(process, generator, answer, patience)
        if said["handshakes"] == 0:
            raise Unable(f"no handshake within {seconds} s")
        return Handshakes(
            said["handshakes"], said["seconds"], said["p99"], said["server_seconds"], said["own_seconds"])


def hold_idle(server, load, count, patience, *options):
    """Opens that many connections, and then has something echoed on each; the options are those of the load.

    Raises Unable if one of them fails, or is not answered.
    """
    with Crew(patience) as crew:
        process, port = server.start(crew)
        awaited, feed = crew.pipe()
        answer, answered = crew.pipe()
        generator = crew.start(
            "the load", [*on_core(1), load, "idle", port, count, STEP_MILLISECONDS, *options], awaited, answered)
        sizes = []
        # The first connection, all of them, and the lines.
        for _ in range(3):
            said = receive_progress(process, generator, answer, patience)
            sizes.append(memory(process).proportional_bytes)
            os.write(feed, b"\n")
        start, opened, after_line = sizes
        return IdleStreams(start, (opened - start) / (count - 1), (after_line - start) / (count - 1), said["answered"])


def receive_progress(process, generator, answer, patience):
    """What the load reports.

    Raises Unable if it had a problem, and BenchmarkError if the server has ended.
    """
    said = receive_answer(generator, answer, patience)
    if process.has_ended():
        raise BenchmarkError(f"{process.name} ended under the load: {process.complaint()}")
    if said["problem"]:
        raise Unable(said["problem"])
    return said
