# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a benchmark cannot go on."""


class BenchmarkError(Exception):
    """Says in one line what is wrong, for the user of the benchmark."""
