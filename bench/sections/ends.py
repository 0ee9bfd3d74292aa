# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a receiver reports by its exit status that its sender was killed in the middle of a transfer."""

import os
import time

from harness.errors import BenchmarkError
from harness.figures import Figure, Result, Table
from harness.payload import MIB
from harness.ports import await_listener, free_port
from harness.processes import Crew
from harness.tools import PEERS

NEEDS = PEERS
PROBES_NEED = ()
KILLS = 20
COLUMNS = ("tool", "noticed", "exit statuses of the receiver")


def run(context):
    context.progress("ends")
    rows, statuses = [], {}
    for tool in context.tools.contenders:
        file = context.payload.directory / f"arrived-{tool.name}"
        ends = statuses[tool.name] = [kill_sender(tool, file, context.arguments.patience) for _ in range(KILLS)]
        rows.append((tool.name, sum(end != 0 for end in ends), ", ".join(str(end) for end in sorted(set(ends)))))
    noticed = sum(end != 0 for end in statuses["sockkit"])
    return Result("ends", [Table(f"{KILLS} senders killed in the middle of a transfer", COLUMNS, rows)],
                  [Figure("killed senders that the receiver notices", noticed, ">=", KILLS)])


def probes(context):
    """None: an end is right or wrong, which the tests check, and not better or worse."""
    return []


def kill_sender(tool, file, patience):
    """The exit status of a receiver whose sender is killed once the first MiB has arrived."""
    with Crew(patience) as crew:
        zero = crew.open("/dev/zero")
        sink = crew.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        null = crew.open(os.devnull, os.O_RDWR)
        port = free_port()
        receiver = crew.start(f"the receiving {tool.name}", tool.listen(port), null, sink)
        receiver.allow_any_end()
        await_listener(port, receiver)
        sender = crew.start(f"the sending {tool.name}", tool.connect(port), zero, null)
        deadline = time.monotonic() + patience
        while os.path.getsize(file) < MIB:
            if time.monotonic() > deadline:
                raise BenchmarkError(f"{tool.name} did not send 1 MiB within {patience} s")
            time.sleep(0.001)
        sender.kill()
        crew.wait()
    os.unlink(file)
    return receiver.status
