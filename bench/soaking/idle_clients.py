# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections on which nothing happens from the start of a soak to its end, when each of them is used once."""

import os

from harness.handshakes import receive_progress

# Thousands of handshakes, on a machine that may have other work.
STEP_MILLISECONDS = 300_000
PATIENCE = STEP_MILLISECONDS / 1000 + 10


class IdleClients:
    """The idle connections to one server, held by one of the loads of the benchmark."""

    def __init__(self, server, count, setting, crew, target):
        self.count = count
        self._server = server
        awaited, self._feed = crew.pipe()
        self._answer, answered = crew.pipe()
        words = [setting.proxy_load, "idle", server.port, count, STEP_MILLISECONDS,
                 "socks5" if server.kind.speaks == "socks" else "plain", target]
        if server.kind.tls:
            words = [setting.tls_load, "idle", server.port, count, STEP_MILLISECONDS]
        self._load = crew.start(f"the idle clients of {server.name}", words, awaited, answered)

    def open(self):
        """Opens the first one, and then all others.

        Raises Unable if one fails, and BenchmarkError if the server has ended.
        """
        self._receive()
        self._next_step()
        self._receive()

    def use_and_close(self):
        """Has something echoed on each, and closes them.

        Raises Unable if one fails, and BenchmarkError if the server has ended.
        """
        self._next_step()
        try:
            self._receive()
        finally:
            self._next_step()

    def _receive(self):
        receive_progress(self._server.process, self._load, self._answer, PATIENCE)

    def _next_step(self):
        os.write(self._feed, b"\n")
