# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a benchmark, or a part of it, cannot go on."""


class BenchmarkError(Exception):
    """Says in one line what is wrong, for the user of the benchmark."""


class Unable(BenchmarkError):
    """Says why a program cannot do what it was measured at, which need not keep the others from being measured."""
