# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine that a report is about."""

import os
import pathlib
import platform


def describe():
    """The processor, the number of cores this process may use, the kernel, and how busy others keep it."""
    return {
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "load": round(os.getloadavg()[0], 2),
    }


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                return " ".join(line.partition(":")[2].split())
    return platform.machine()


def receive_buffers():
    """The receive buffer of a socket that asks for none and the most one may ask for, in bytes; `None` if unknown."""
    try:
        return [int(pathlib.Path(f"/proc/sys/net/core/{name}").read_text(encoding="ascii"))
                for name in ("rmem_default", "rmem_max")]
    except OSError:
        return None
