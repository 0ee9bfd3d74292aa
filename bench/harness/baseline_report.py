# SPDX-License-Identifier: GPL-3.0-or-later
"""The report about a new program beside a baseline, as a record for machines and as text for people."""

from .comparison import BETTER, FAILED, NOISY, SAME, WORSE
from .report import print_machine, print_table

COLUMNS = ("figure", "baseline", "new", "cost ratio", "quartiles", "")
# The verdicts that are counted at the end, by their names in the record.
COUNTED = {"worse": WORSE, "better": BETTER, "same": SAME, "noisy": NOISY, "failed": FAILED}


def report_record(machine, tools, rounds, sections):
    verdicts = [comparison["verdict"] for section in sections for comparison in section["comparisons"]]
    return {
        "machine": machine, "versions": tools.versions(),
        "programs": {tool.name: tool.program for tool in (tools.baseline, tools.sockkit)},
        "rounds": rounds, "sections": sections, "figures": len(verdicts),
        **{key: verdicts.count(verdict) for key, verdict in COUNTED.items()},
    }


def print_report(record):
    print_machine(record)
    for name, program in record["programs"].items():
        print(f"{name}: ".ljust(10) + program)
    for section in record["sections"]:
        rows = [comparison_row(comparison) for comparison in section["comparisons"]]
        print_table(f"{section['section']}, {record['rounds']} rounds, medians", COLUMNS, rows)
        for note in section["notes"]:
            print(f"  note: {note}")
    counts = ", ".join(f"{verdict}: {record[key]}" for key, verdict in COUNTED.items())
    print(f"\n{record['figures']} figures; {counts}")


def faults(record):
    """What `--check` must not find: also that neither program could do it, which would hide all else."""
    return record["worse"] + record["failed"]


def comparison_row(comparison):
    unit = f", {comparison['unit']}" if comparison["unit"] else ""
    ratio, lower, upper = (comparison[key] for key in ("cost_ratio", "lower_quartile", "upper_quartile"))
    return (comparison["figure"] + unit, comparison["baseline"], comparison["new"],
            None if ratio is None else f"{ratio:.3f}", None if ratio is None else f"{lower:.3f}–{upper:.3f}",
            comparison["verdict"])
