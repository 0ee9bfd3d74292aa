# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether perf can count system calls here, which takes privileges on most systems."""

import subprocess

from .tools import Tool

PERF = Tool("perf", "perf", "linux-perf")


def can_count(directory):
    if not PERF.is_present():
        return False
    command = [PERF.program, "stat", "-e", "raw_syscalls:sys_enter", "-x", ",", "-o", directory / "perf.log", "true"]
    status = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=10, check=False)
    return status.returncode == 0
