# SPDX-License-Identifier: GPL-3.0-or-later
"""What must not come of a failed call."""


class Finding(Exception):
    """One violation: its kind, for the table at the end, and what was seen."""

    def __init__(self, kind, text=""):
        super().__init__(f"{kind}: {text}" if text else kind)
        self.kind = kind


class Lost(Exception):
    """A client got a clean end before all of its bytes."""
