# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured at one program at a time, so that two of them can be compared."""

import dataclasses
import typing


@dataclasses.dataclass(frozen=True)
class Reading:
    """One number that a probe takes."""

    name: str
    value: float
    unit: str = ""
    # Whether more is better, as for a throughput; otherwise the number is a cost.
    is_rate: bool = False


@dataclasses.dataclass(frozen=True)
class Probe:
    """Something to do with a program, which gives the same readings each time."""

    name: str
    # Takes a `Tool`, and returns the readings. Raises BenchmarkError if the program cannot do it.
    measure: typing.Callable
    # Takes a `Tool` before the first round, and raises BenchmarkError if its results are wrong, however fast.
    verify: typing.Callable = lambda tool: None


def count_of(number, thing):
    """`1 connection`, `50 connections`: a part of the name of a probe."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
