# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read every second: of the servers from /proc, and of the clients from what they print."""

import collections
import json
import math
import os
import threading
import time

from .sampling import sample

INTERVAL = 1
# Enough for the thirds of the steady part, even on a machine that is too busy.
FEWEST_ROWS = 4
SHORTEST_WAIT = 0.1
CHUNK = 1 << 16


class LineReader:
    """Lines of JSON from a pipe, as many as there are."""

    def __init__(self, descriptor):
        os.set_blocking(descriptor, False)
        self._descriptor, self._rest = descriptor, b""

    def read(self):
        chunks = [self._rest]
        try:
            while chunk := os.read(self._descriptor, CHUNK):
                chunks.append(chunk)
        except BlockingIOError:
            pass
        *lines, self._rest = b"".join(chunks).split(b"\n")
        return [json.loads(line) for line in lines]


class Recorder:
    """A thread that adds a row every second until the `with` block is left."""

    def __init__(self, servers):
        self.rows, self.problems = [], []
        # How many other clients there have been of each kind.
        self.counts = collections.Counter()
        # The times of all answers in the steady part, in milliseconds, by server.
        self.times = {server.name: [] for server in servers}
        self._servers = servers
        self._good, self._others = [], []
        self._phase = "start"
        self._ended = threading.Event()
        self._failure = None
        self._start = time.monotonic()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()

    def begin(self, phase):
        """Names the rows from now on."""
        self._phase = phase

    def listen(self, good=None, others=None):
        """Reads what clients print from these pipes, too."""
        if good is not None:
            self._good.append(LineReader(good))
        if others is not None:
            self._others.append(LineReader(others))

    def phase_rows(self, phase):
        return [row for row in self.rows if row["phase"] == phase]

    def wait(self, seconds):
        """Waits for that long, and for rows of this phase; less if a server ends.

        Raises what has stopped the recording.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end or len(self.phase_rows(self._phase)) < FEWEST_ROWS:
            if self._failure is not None:
                raise self._failure
            for server in self._servers:
                if server.process.has_ended():
                    return
            self._ended.wait(min(INTERVAL, max(SHORTEST_WAIT, end - time.monotonic())))

    def _run(self):
        try:
            due = time.monotonic()
            while not self._ended.wait(max(0, due - time.monotonic())):
                due = max(due + INTERVAL, time.monotonic())
                self._add_row()
        except Exception as failure:  # The main thread raises it.
            self._failure = failure

    def _add_row(self):
        phase, answers = self._phase, self._read_clients()
        samples = sample(self._servers)
        everything = sorted(each for times in answers.values() for each in times)
        row = {"time": round(time.monotonic() - self._start, 2), "phase": phase,
               "others": sum(self.counts.values()), "all": quantile(everything, 0.99), "servers": {}}
        for name, held in samples.items():
            times = sorted(answers.get(name, []))
            row["servers"][name] = [held.kibibytes, held.descriptors, held.processes, quantile(times, 0.99)]
            if phase == STEADY:
                self.times[name] += times
        self.rows.append(row)

    def _read_clients(self):
        answers = collections.defaultdict(list)
        for reader in self._good:
            for said in reader.read():
                for name, record in said.items():
                    answers[name] += record["times"]
                    self.problems += [f"{name}: {problem}" for problem in record["problems"]]
        for reader in self._others:
            for said in reader.read():
                self.counts.update(said["counts"])
                self.problems += said["problems"]
        return answers


# The phase that the verdict is about: the kinds of clients are as many as they will be.
STEADY = "steady"


def quantile(times, share):
    """The time that this share of the sorted times does not exceed; `None` if there are none."""
    return times[min(len(times) - 1, math.ceil(share * len(times)) - 1)] if times else None
