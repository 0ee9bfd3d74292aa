# SPDX-License-Identifier: GPL-3.0-or-later
"""One transfer over loopback between two runs of a tool, in the set-ups that are measured."""

import dataclasses
import filecmp
import os
import pathlib
import select
import sys

from .errors import BenchmarkError
from .payload import MIB
from .ports import await_listener, free_port
from .processes import Crew

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = (sys.executable, "-S", "-E")


@dataclasses.dataclass(frozen=True)
class Transfer:
    """How a transfer went."""

    seconds: float
    sender: object
    receiver: object

    @property
    def processor_seconds(self):
        """The time of the tool on both sides, without what fed it and what it fed."""
        return self.sender.processor_seconds + self.receiver.processor_seconds

    @property
    def peak_bytes(self):
        """The memory of the larger side."""
        return max(self.sender.peak_bytes, self.receiver.peak_bytes)

    def rate(self, mebibytes):
        return mebibytes / self.seconds


@dataclasses.dataclass(frozen=True)
class Wrappers:
    """What to put before the command of each side, such as a tracer."""

    sender: tuple = ()
    receiver: tuple = ()


def file_to_null(tool, file, patience, wrappers=Wrappers()):
    """`X < file` to `X > /dev/null`."""
    with Crew(patience) as crew:
        source = crew.open(file)
        null = crew.open(os.devnull, os.O_RDWR)
        return _transfer(crew, tool, wrappers, source, null, null)


def pipe_to_pipe(tool, file, patience, wrappers=Wrappers()):
    """A producer into `X`, and `X` into a consumer, both so cheap that it is the tool that is measured."""
    mebibytes = os.path.getsize(file) // MIB
    with Crew(patience) as crew:
        null = crew.open(os.devnull, os.O_RDWR)
        fed, feed = crew.pipe()
        drain, drained = crew.pipe()
        return _transfer(
            crew, tool, wrappers, fed, drained, null,
            before=lambda: _start_producer(crew, mebibytes, fed, null, feed),
            after=lambda: crew.start("the consumer", [*PYTHON, HERE / "drain.py"], drain, null))


def _start_producer(crew, mebibytes, fed, null, feed):
    """Starts it, and waits until its first bytes are there, so that its start-up is not measured."""
    crew.start("the producer", [*PYTHON, HERE / "feed.py", mebibytes], null, feed)
    if not select.select([fed], [], [], crew.patience)[0]:
        raise BenchmarkError("the producer does not write")


def verify(tool, file, patience, sender=None):
    """Moves a file once and compares what arrives, so that no speed is bought with lost bytes.

    The tool receives, and sends too unless there is another sender.
    """
    arrived = f"{file}-{tool.name}"
    try:
        with Crew(patience) as crew:
            source = crew.open(file)
            sink = crew.open(arrived, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            null = crew.open(os.devnull, os.O_RDWR)
            _transfer(crew, tool, Wrappers(), source, sink, null, sending=sender)
        if not filecmp.cmp(file, arrived, shallow=False):
            source_name = f" from {sender.name}" if sender else ""
            raise BenchmarkError(
                f"{tool.name} changed or lost bytes of {os.path.getsize(file) // MIB} MiB{source_name}")
    finally:
        if os.path.exists(arrived):
            os.unlink(arrived)


def _transfer(crew, tool, wrappers, source, sink, null, before=lambda: None, after=lambda: None, sending=None):
    """Runs both sides; the time counts from the start of the sender until both have ended.

    The receivers' input is at its end from the start, except that of a tool that would break off the connection.
    """
    sending = sending or tool
    port = free_port()
    receiver = crew.start(
        f"the receiving {tool.name}", [*wrappers.receiver, *tool.listen(port)],
        crew.silence() if tool.listener_needs_input else null, sink)
    after()
    await_listener(port, receiver)
    before()
    sender = crew.start(f"the sending {sending.name}", [*wrappers.sender, *sending.connect(port)], source, null)
    crew.close_descriptors()
    crew.wait()
    ended = max(member.usage.ended for member in (sender, receiver))
    return Transfer(ended - sender.started, sender.usage, receiver.usage)
