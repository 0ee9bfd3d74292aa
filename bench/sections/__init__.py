# SPDX-License-Identifier: GPL-3.0-or-later
"""The sections of the benchmark, in the order in which they run.

A section is a module with `NEEDS`, the tools besides sockkit that have to be installed, and `run(context)`,
which returns a `Result`. To compare two sockkits it has `PROBES_NEED`, the tools for that, and `probes(context)`,
which returns a list of `Probe`s.
"""

from . import datagrams, echo, ends, forward, http, idle, proxy, startup, syscalls, tls, transfers

SECTIONS = {
    "transfers": transfers, "syscalls": syscalls, "datagrams": datagrams, "ends": ends, "startup": startup,
    "echo": echo, "idle": idle, "http": http, "forward": forward, "proxy": proxy, "tls": tls,
}
