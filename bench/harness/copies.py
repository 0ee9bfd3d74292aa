# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of two programs, made anew for each round.

How the kernel happens to hold a file in memory, in larger or smaller pieces, decides how fast it starts and how much of
it is resident: of two copies of the same program one may start a tenth faster for as long as it stays there.
"""

import dataclasses
import os
import pathlib

from .errors import BenchmarkError


class Copies:
    """The tools to measure; their paths are equally long, because also what lies on the stack moves the figures."""

    def __init__(self, originals, directory):
        self._contents = []
        self.tools = []
        for index, tool in enumerate(originals):
            place = directory / str(index)
            place.mkdir()
            try:
                self._contents.append(pathlib.Path(tool.program).read_bytes())
            except OSError as error:
                raise BenchmarkError(f"cannot read {tool.program}: {error.strerror}") from error
            self.tools.append(dataclasses.replace(tool, program=str(place / "sockkit")))

    def in_order(self, turn):
        """A B, B A, …, so that neither is always the first."""
        return self.tools if turn % 2 == 0 else self.tools[::-1]

    def renew(self, turn):
        """Writes the files of a round, in its order, and waits until they are on the disk."""
        for tool in self.tools:
            pathlib.Path(tool.program).unlink(missing_ok=True)
        contents = dict(zip((tool.name for tool in self.tools), self._contents))
        for tool in self.in_order(turn):
            with open(os.open(tool.program, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o755), "wb") as file:
                file.write(contents[tool.name])
                file.flush()
                os.fsync(file.fileno())
