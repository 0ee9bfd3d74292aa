# SPDX-License-Identifier: GPL-3.0-or-later
"""Which runs are made."""

import dataclasses
import random


@dataclasses.dataclass(frozen=True)
class Selection:
    """All that is not limited."""

    call: str | None = None
    error: str | None = None
    number: int | None = None
    # The highest number of a call that fails.
    most: int = 40
    # How many pairs of a job's call and an error there are in a sample; `None` for all.
    size: int | None = None

    def includes(self, call, error):
        return self.call in (None, call) and self.error in (None, error)

    def numbers(self):
        return [self.number] if self.number else range(1, self.most + 1)

    def sample(self, chains):
        """Always the same ones of the same program."""
        if self.size is None or self.size >= len(chains):
            return chains
        return random.Random(1).sample(chains, self.size)
