# SPDX-License-Identifier: GPL-3.0-or-later
"""What a section hands back: tables to read, and figures that have targets."""

import dataclasses
import typing
from statistics import median


@dataclasses.dataclass(frozen=True)
class Figure:
    """One number with a target: at least (`>=`) or at most (`<=`) a bound. `None`, for want of one, misses it."""

    name: str
    value: typing.Optional[float]
    comparison: str
    bound: float
    unit: str = ""

    @property
    def passes(self):
        if self.value is None:
            return False
        return self.value >= self.bound if self.comparison == ">=" else self.value <= self.bound

    def record(self):
        return {
            "name": self.name, "value": None if self.value is None else round(self.value, 3), "unit": self.unit,
            "target": f"{self.comparison} {self.bound:g}", "pass": self.passes,
        }


@dataclasses.dataclass(frozen=True)
class Table:
    """Rows of numbers, each row named by its first cell."""

    title: str
    columns: tuple
    rows: list

    def record(self):
        return {"title": self.title, "columns": list(self.columns), "rows": [list(row) for row in self.rows]}


def tabulate_ratios(title, ratios):
    """Ratios by name, a list with one of each round: a row for each round, and one for the medians."""
    turns = max(len(values) for values in ratios.values())
    rows = [(str(turn + 1), *(values[turn] if turn < len(values) else None for values in ratios.values()))
            for turn in range(turns)]
    rows.append(("median", *(median(values) if values else None for values in ratios.values())))
    return Table(title, ("round", *ratios), rows)


@dataclasses.dataclass(frozen=True)
class Result:
    """All of a section."""

    section: str
    tables: list
    figures: list
    notes: list = dataclasses.field(default_factory=list)

    def record(self):
        return {
            "section": self.section, "tables": [table.record() for table in self.tables],
            "figures": [figure.record() for figure in self.figures], "notes": self.notes,
        }
