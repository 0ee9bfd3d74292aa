# SPDX-License-Identifier: GPL-3.0-or-later
"""One figure of a new program beside that of a baseline, and what the rounds allow to say about it."""

import dataclasses
from statistics import median, quantiles

WORSE, BETTER, SAME = "worse", "better", "same"
NOISY, FEW, NOTHING, FAILED = "too noisy to say", "too few rounds", "too short to say", "both failed"
# Ratios between these are considered the same.
LEAST, MOST = 0.97, 1.03
# With fewer pairs the quartiles do not describe the spread.
FEWEST_PAIRS = 4


@dataclasses.dataclass(frozen=True)
class Comparison:
    """The numbers of both programs, by round: a pair was measured one right after the other.

    The ratios are of costs: more than 1 is always worse, and where more is better the rate is turned over.
    """

    figure: str
    unit: str
    is_rate: bool
    baseline: list
    new: list
    # Whether the program failed at what was measured.
    baseline_failed: bool = False
    new_failed: bool = False

    @property
    def ratios(self):
        """Of the rounds in which both have a number; one that is zero, as of what was too short, has no ratio."""
        pairs = ((old, new) for old, new in zip(self.baseline, self.new) if old and new)
        return [old / new if self.is_rate else new / old for old, new in pairs]

    @property
    def quartiles(self):
        """The lower quartile of the ratios, their median, and the upper quartile."""
        ratios = self.ratios
        if not ratios:
            return None
        lower, _, upper = quantiles(ratios, n=4, method="inclusive") if len(ratios) > 1 else ratios * 3
        return lower, median(ratios), upper

    @property
    def verdict(self):
        """What the quartiles allow to say; who fails where the other does not is the worse, whatever was measured."""
        if self.new_failed or self.baseline_failed:
            return (FAILED if self.baseline_failed else WORSE) if self.new_failed else BETTER
        if self.quartiles is None:
            return NOTHING
        if len(self.ratios) < FEWEST_PAIRS:
            return FEW
        lower, _, upper = self.quartiles
        if lower > MOST:
            return WORSE
        if upper < LEAST:
            return BETTER
        return SAME if LEAST <= lower and upper <= MOST else NOISY

    def record(self):
        lower, middle, upper = self.quartiles or (None, None, None)
        return {
            "figure": self.figure, "unit": self.unit, "more_is_better": self.is_rate,
            "baseline": middle_of(self.baseline), "new": middle_of(self.new), "cost_ratio": rounded(middle),
            "lower_quartile": rounded(lower), "upper_quartile": rounded(upper), "rounds": len(self.ratios),
            "verdict": self.verdict,
        }


def middle_of(values):
    present = [value for value in values if value is not None]
    return median(present) if present else None


def rounded(ratio):
    return None if ratio is None else round(ratio, 4)
