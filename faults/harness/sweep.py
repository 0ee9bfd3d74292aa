# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault of every job: which there are, and what came of each."""

import collections
import concurrent.futures
import dataclasses
import itertools
import os
import pathlib
import random
import threading

from .calls import ERRORS, Fault
from .findings import Finding
from .identity import Identity
from .run import Run

# How many findings of one kind of call and error are enough in one job.
MOST_FINDINGS = 2


@dataclasses.dataclass(frozen=True)
class Tools:
    """What all runs use; `mark` tells the processes of this harness from others."""

    helper: pathlib.Path
    sockkit: pathlib.Path
    identity: Identity
    mark: str = f"{os.getpid()}"


@dataclasses.dataclass(frozen=True)
class Violation:
    """A finding, and the run in which it was made."""

    job: str
    fault: Fault
    kind: str
    text: str
    # Whether the same run had it twice.
    is_repeated: bool

    def __str__(self):
        again = "" if self.is_repeated else " (once)"
        return f"{self.job} {self.fault}: {self.text}{again}"


class Sweep:
    """All runs of some jobs."""

    def __init__(self, tools, selection, report):
        self._tools = tools
        self._selection = selection
        self._report = report
        self._numbers = itertools.count(random.randrange(1 << 22))
        self._lock = threading.Lock()
        self.violations = []
        # By kind of call, the runs in which it failed.
        self.failed = collections.Counter()
        self.runs = 0
        self.capped = []

    def go(self, jobs, workers):
        """Runs all jobs, several runs at a time."""
        with concurrent.futures.ThreadPoolExecutor(workers) as pool:
            usual = list(pool.map(self._run_usual, jobs))
            chains = [chain for job, run in zip(jobs, usual) if run for chain in self._chains(job, run)]
            chains = self._selection.sample(chains)
            list(pool.map(lambda chain: self._follow(*chain), chains))

    def _run_usual(self, job):
        """The run without a failure, which shows what calls there are."""
        try:
            return self._attempt(job, None, None)
        except Finding as finding:
            self._note(Violation(job.__name__, None, finding.kind, str(finding), False))
            return None

    def _chains(self, job, usual):
        """For each kind of call of a job and each of its errors, the numbers of the calls that are to fail."""
        for call, count in sorted(usual.program.counts.items()):
            for error in ERRORS.get(call, ()):
                if not self._selection.includes(call, error):
                    continue
                if count > self._selection.most:
                    self.capped.append((job.__name__, call, count))
                yield job, call, error, usual

    def _follow(self, job, call, error, usual):
        """Lets one call after the other fail, until there is none with such a number."""
        found = 0
        for number in self._selection.numbers():
            fault = Fault(call, error, number)
            try:
                run = self._attempt(job, fault, usual)
                if not run.was_failed:
                    return
            except Finding as finding:
                found += self._repeat(job, fault, usual, finding)
            # The same again would only take time.
            if found == MOST_FINDINGS:
                return
            with self._lock:
                self.failed[call] += 1

    def _repeat(self, job, fault, usual, finding):
        """Tells a finding from an accident of timing; whether it comes again."""
        is_repeated = False
        try:
            self._attempt(job, fault, usual)
        except Finding as second:
            is_repeated = second.kind == finding.kind
        self._note(Violation(job.__name__, fault, finding.kind, str(finding), is_repeated))
        return is_repeated

    def _attempt(self, job, fault, usual):
        with self._lock:
            self.runs += 1
            number = next(self._numbers)
        with Run(self._tools, fault, number, usual) as run:
            job(run)
            run.was_failed = run.program.has_failed_call()
            return run

    def _note(self, violation):
        with self._lock:
            self.violations.append(violation)
        self._report(violation)
