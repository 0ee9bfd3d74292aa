# SPDX-License-Identifier: GPL-3.0-or-later
"""The course of a soak: servers, then clients, a steady part, and then no clients any more."""

import dataclasses
import json
import os
import pathlib
import resource
import sys
import time

from harness.builds import compile_c
from harness.errors import BenchmarkError
from harness.processes import Crew
from harness.tls import Identity, build_load, make_identity

from .idle_clients import IdleClients
from .recording import STEADY, Recorder
from .roster import ECHO, KINDS, active_count, idle_count, plan, start
from .sampling import sample
from .verdict import has_returned, judge

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE = 60
# Every server has answered before its descriptors are counted, since some are opened at the first use.
FIRST_SECONDS, WARM_UP_SECONDS = 4, 30
# What clients leave behind ends by then: the longest is a connection whose peer does not acknowledge anything.
LEAVING_SECONDS = 60
# The echo server behind the forwarders and the proxy has a descriptor for each of their clients, too.
DESCRIPTORS_OF_CONNECTIONS = 0.8
RESERVED_DESCRIPTORS = 500


@dataclasses.dataclass(frozen=True)
class Setting:
    """What servers and clients are started with."""

    program: str
    directory: pathlib.Path
    site: pathlib.Path
    identity: Identity
    proxy_load: pathlib.Path
    tls_load: pathlib.Path


def prepare(program, payload):
    """Builds the loads, and writes the files to serve and the certificate."""
    directory = payload.directory
    return Setting(
        program, directory, payload.site(1, 1024, 20_000, 300_000), make_identity(directory),
        compile_c("load/proxy_load.c", directory), build_load(directory))


def affordable(connections):
    """As many connections as the limit of descriptors permits, up to that number."""
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min(connections, int((most - RESERVED_DESCRIPTORS) / DESCRIPTORS_OF_CONNECTIONS))


class Course:
    """One soak."""

    def __init__(self, crew, setting, connections, progress):
        self.crew, self.setting, self.connections, self.progress = crew, setting, connections, progress
        echo = next(kind for kind in KINDS if kind.name == ECHO)
        first = start(echo, crew, setting, 0)
        self.target = first.port
        self.servers = [first, *(start(kind, crew, setting, first.port) for kind in KINDS if kind is not echo)]
        # The clients that do something have the output of this server, and read it one after the other.
        self.output = next(server.output for server in self.servers if server.kind.speaks == "udp-recv")
        self.recorder = Recorder(self.servers)

    def run(self, seconds):
        """Returns the result and the record to draw."""
        with self.recorder as recorder:
            self._prepare_servers()
            idle = self._open_idle()
            self.progress(f"{active_count(self.connections)} clients of each server that do something")
            recorder.begin("warm-up")
            clients = self._start_clients(with_others=True)
            recorder.wait(min(WARM_UP_SECONDS, seconds / 2))
            recorder.begin(STEADY)
            recorder.wait(seconds)
            recorder.begin("leaving")
            self._stop(clients)
            opened, answered = self._close_idle(idle)
            self._await_start()
            recorder.begin("after")
            recorder.wait(3)
        ended = self._end_servers()
        result = judge(self.servers, recorder, opened, answered, ended)
        return result, {"connections": self.connections, "seconds": seconds, "rows": recorder.rows}

    def _prepare_servers(self):
        """Each server answers a few clients, and then has none: that is its start."""
        self.progress(f"{len(self.servers)} servers")
        clients = self._start_clients(with_others=False)
        self.recorder.wait(FIRST_SECONDS)
        self._stop(clients)
        self.recorder.wait(FIRST_SECONDS)

    def _open_idle(self):
        self.recorder.begin("opening")
        idle = []
        for server in self.servers:
            count = idle_count(server.kind, self.connections)
            if count > 0:
                self.progress(f"{count} idle connections to {server.name}")
                idle.append(IdleClients(server, count, self.setting, self.crew, self.target))
                idle[-1].open()
        return idle

    def _start_clients(self, with_others):
        path = self.setting.directory / "plan"
        path.write_text(json.dumps(plan(self.servers, self.setting, self.connections, with_others)), encoding="utf-8")
        null = self.crew.open(os.devnull, os.O_RDWR)
        reader, writer = self.crew.pipe()
        clients = [self.crew.start(
            "the good clients", [sys.executable, HERE / "good_clients.py", path], self.output, writer)]
        self.recorder.listen(good=reader)
        if with_others:
            reader, writer = self.crew.pipe()
            clients.append(self.crew.start(
                "the other clients", [sys.executable, HERE / "other_clients.py", path], null, writer))
            self.recorder.listen(others=reader)
        return clients

    def _stop(self, clients):
        for client in clients:
            client.stop()
        self.crew.wait(*clients)

    def _close_idle(self, idle):
        """Uses each idle connection once.

        Returns how many there were, and how many of them were answered.
        """
        self.progress("the clients leave")
        opened = answered = 0
        for clients in idle:
            opened += clients.count
            try:
                clients.use_and_close()
                answered += clients.count
            except BenchmarkError as problem:
                self.recorder.problems.append(f"idle connections: {problem}")
        return opened, answered

    def _await_start(self):
        """Waits until servers hold no more than at their start, for a limited time."""
        start_row = self.recorder.phase_rows("start")[-1]["servers"]
        deadline = time.monotonic() + LEAVING_SECONDS
        while time.monotonic() < deadline:
            held = sample(self.servers)
            if all(has_returned(server.kind, start_row[server.name], dataclasses.astuple(held[server.name]))
                   for server in self.servers):
                return
            self.recorder.wait(1)

    def _end_servers(self):
        """Ends the servers.

        Returns those that have ended by themselves or do not end well, by name, with what they said.
        """
        ended = {}
        for server in self.servers:
            try:
                server.process.stop()
                self.crew.wait(server.process)
            except BenchmarkError as error:
                ended[server.name] = str(error)
        return ended


def soak(setting, connections, seconds, progress):
    """Runs it.

    Returns the result and the record to draw. Raises BenchmarkError if it does not come to a verdict.
    """
    with Crew(PATIENCE) as crew:
        return Course(crew, setting, connections, progress).run(seconds)
