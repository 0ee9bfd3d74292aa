# SPDX-License-Identifier: GPL-3.0-or-later
"""The report, as a record for machines and as text for people."""

FIGURE_COLUMNS = ("figure", "value", "target", "")


def report_record(machine, versions, results):
    sections = [result.record() for result in results]
    figures = [figure for section in sections for figure in section["figures"]]
    return {
        "machine": machine, "versions": versions, "sections": sections,
        "missed": sum(not figure["pass"] for figure in figures),
    }


def print_report(record):
    print_machine(record)
    for section in record["sections"]:
        for table in section["tables"]:
            print_table(table["title"], table["columns"], table["rows"])
        if section["figures"]:
            print_table("", FIGURE_COLUMNS, [figure_row(figure) for figure in section["figures"]])
        for note in section["notes"]:
            print(f"  note: {note}")
    missed = record["missed"]
    print(f"\n{'all targets met' if missed == 0 else f'targets missed: {missed}'}")


def faults(record):
    """What `--check` must not find."""
    return record["missed"]


def print_machine(record):
    machine = record["machine"]
    print(f"machine: {machine['processor']}, {machine['cores']} cores, Linux {machine['kernel']}, "
          f"load {machine['load']}")
    print("tools:   " + ", ".join(f"{name} {version}" for name, version in record["versions"].items()))


def figure_row(figure):
    unit = f" {figure['unit']}" if figure["unit"] else ""
    value = "none" if figure["value"] is None else f"{figure['value']:.2f}{unit}"
    return (figure["name"], value, figure["target"] + unit,
            "pass" if figure["pass"] else "MISS")


def print_table(title, columns, rows):
    cells = [tuple(columns)] + [tuple(format_cell(cell) for cell in row) for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(columns))]
    print(f"\n{title}" if title else "")
    for row in cells:
        first, *others = (cell.ljust(width) if index == 0 else cell.rjust(width)
                          for index, (cell, width) in enumerate(zip(row, widths)))
        print("  " + "  ".join([first, *others]).rstrip())


def format_cell(cell):
    if cell is None:
        return "-"
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell >= 100 else f"{cell:.2f}"
    return str(cell)
