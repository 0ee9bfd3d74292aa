# SPDX-License-Identifier: GPL-3.0-or-later
"""What a section hands back: tables to read, and figures that have targets."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Figure:
    """One number with a target: at least (`>=`) or at most (`<=`) a bound."""

    name: str
    value: float
    comparison: str
    bound: float
    unit: str = ""

    @property
    def passes(self):
        return self.value >= self.bound if self.comparison == ">=" else self.value <= self.bound

    def record(self):
        return {
            "name": self.name, "value": round(self.value, 3), "unit": self.unit,
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
