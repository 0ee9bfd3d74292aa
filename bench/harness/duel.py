# SPDX-License-Identifier: GPL-3.0-or-later
"""Two programs in turns, so that what the machine does meanwhile meets both alike."""

from .comparison import WORSE, Comparison
from .errors import BenchmarkError


def even(rounds):
    """As many rounds or one more: each of the two is then first as often as the other."""
    return rounds + rounds % 2


class Duel:
    """One probe at two programs, round by round."""

    def __init__(self, probe, copies):
        self.probe = probe
        self._copies = copies
        self._rounds = []
        # The reasons why tools could not do it, by the names of the tools.
        self.problems = {}

    def verify(self):
        self._try_each(self.probe.verify, self._copies.tools)

    def measure(self, turn):
        """One round. After one in which a program failed there is none: it would take long to fail again and again."""
        if self.problems:
            return
        self._rounds.append(self._try_each(self.probe.measure, self._copies.in_order(turn)))

    def looks_worse(self):
        """By its numbers; there is nothing to repeat about a program that failed."""
        return not self.problems and any(comparison.verdict == WORSE for comparison in self.comparisons())

    def comparisons(self):
        """One for each reading of the probe, or one without numbers if there are none."""
        baseline, new = self._copies.tools
        failures = {"baseline_failed": baseline.name in self.problems, "new_failed": new.name in self.problems}
        readings = {reading.name: reading for taken in self._rounds for side in taken.values() for reading in side}
        if not readings:
            return [Comparison(self.probe.name, "", False, [], [], **failures)]
        return [Comparison(f"{self.probe.name}: {name}", reading.unit, reading.is_rate,
                           self._values(baseline, name), self._values(new, name), **failures)
                for name, reading in readings.items()]

    def notes(self):
        return [f"{self.probe.name}: {name} failed: {problem}" for name, problem in self.problems.items()]

    def _try_each(self, act, tools):
        """What came of it, by tool; of one that failed, nothing but the problem."""
        results = {}
        for tool in tools:
            try:
                results[tool.name] = act(tool)
            except BenchmarkError as problem:
                self.problems[tool.name] = problem
        return results

    def _values(self, tool, name):
        return [next((reading.value for reading in taken.get(tool.name, ()) if reading.name == name), None)
                for taken in self._rounds]


def compare(name, section, context, copies):
    """The comparisons of a section, and notes about what could not be done."""
    duels = [Duel(probe, copies) for probe in section.probes(context)]
    rounds = even(context.arguments.rounds)
    copies.renew(0)
    for duel in duels:
        duel.verify()
    measure(name, duels, rounds, copies, context.progress)
    # Some of many figures are off by chance: a tool that looks worse is worse only if as many further rounds confirm
    # it.
    doubtful = [duel for duel in duels if duel.looks_worse()]
    measure(f"{name}, once more what looks worse", doubtful, rounds, copies, context.progress)
    comparisons = [comparison for duel in duels for comparison in duel.comparisons()]
    notes = [note for duel in duels for note in duel.notes()]
    return {"section": name, "comparisons": [comparison.record() for comparison in comparisons], "notes": notes}


def measure(name, duels, rounds, copies, progress):
    """All of them in each round, so that a busy moment of the machine falls on few rounds of each."""
    for turn in range(rounds if duels else 0):
        progress(f"{name}, round {turn + 1} of {rounds}")
        copies.renew(turn)
        for duel in duels:
            duel.measure(turn)
