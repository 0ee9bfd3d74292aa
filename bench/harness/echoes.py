# SPDX-License-Identifier: GPL-3.0-or-later
"""One echo server under the load of many connections."""

import dataclasses
import json
import os
import select

from .errors import BenchmarkError, Unable
from .processes import Crew
from .servers import Memory, memory, on_core, processor_seconds_of_all

# Longer than the output of the load.
ANSWER = 4096
WARM_UP_MILLISECONDS = 300
# A server that has not served each connection once by then is too slow for so many.
OPENING_SECONDS = 20


@dataclasses.dataclass(frozen=True)
class Echo:
    """How a server answered a load."""

    requests: int
    seconds: float
    # The times of the round trips, in microseconds.
    half_within: float
    most_within: float
    # Connections without an answer during the measurement.
    starved: int
    # The time to open all connections and to answer each once.
    opening_seconds: float
    server_seconds: float
    load_seconds: float
    # Of all processes of the server, since they started.
    total_seconds: float
    memory: Memory

    @property
    def rate(self):
        return self.requests / self.seconds

    @property
    def processor_seconds_per_million(self):
        return self.server_seconds / self.requests * 1e6

    @property
    def total_seconds_per_million(self):
        """For a server of many processes; what came before the requests that are counted is in it."""
        return self.total_seconds / self.requests * 1e6


def load_echo(server, load, connections, seconds, patience):
    """Runs a server and puts the load on it.

    Raises Unable if it does not serve so many, and BenchmarkError if it, or the load, does not run at all.
    """
    with Crew(patience) as crew:
        process, port = server.start(crew)
        held_open, _ = crew.pipe()
        answer, answered = crew.pipe()
        generator = crew.start(
            "the load", [*on_core(1), load, port, connections, WARM_UP_MILLISECONDS, int(seconds * 1000),
                         OPENING_SECONDS * 1000, process.pid], held_open, answered)
        said = receive_answer(generator, answer, patience)
        if said["problem"]:
            raise Unable(f"{said['problem']} ({said['opened']} of {connections} were open)")
        if process.has_ended():
            raise BenchmarkError(f"{server.name} ended under the load: {process.complaint()}")
        if said["requests"] == 0:
            raise Unable(f"no answer within {seconds} s")
        return Echo(said["requests"], said["seconds"], said["p50"], said["p99"], said["starved"],
                    said["opening_seconds"], said["server_seconds"], said["own_seconds"],
                    processor_seconds_of_all(process), memory(process))


def receive_answer(generator, answer, patience):
    """What the load says, which then keeps its connections open."""
    ready, _, _ = select.select([answer, generator.handle], [], [], patience)
    if not ready:
        raise BenchmarkError(f"{generator.name} did not end within {patience} s")
    if answer not in ready:
        raise BenchmarkError(f"{generator.name} failed: {generator.complaint()}")
    return json.loads(os.read(answer, ANSWER))
