# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether perf can count system calls here, which takes privileges on most systems."""

import re
import subprocess

from .errors import BenchmarkError
from .tools import Tool

PERF = Tool("perf", "perf", "linux-perf")


def can_count(directory):
    if not PERF.is_present():
        return False
    command = [PERF.program, "stat", "-e", "raw_syscalls:sys_enter", "-x", ",", "-o", directory / "perf.log", "true"]
    status = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=10, check=False)
    return status.returncode == 0


class ProcessorClock:
    """Counts the time of a command and of all processes it starts, also of those that nobody waits for."""

    def __init__(self, directory):
        self._log = directory / "clock.log"
        self.command = (PERF.program, "stat", "-e", "task-clock", "-x", ",", "-o", self._log)

    def read(self):
        """In seconds, once the command has ended: `2043.48,msec,task-clock,…`."""
        found = re.search(r"^([\d.]+),msec,task-clock", self._log.read_text(encoding="utf-8"), re.MULTILINE)
        if found is None:
            raise BenchmarkError("perf printed no time")
        return float(found.group(1)) / 1000
