# SPDX-License-Identifier: GPL-3.0-or-later
"""One tool receiving a flood of datagrams, or sending lines as datagrams, over loopback."""

import dataclasses
import os
import pathlib
import sys
import time

from .errors import BenchmarkError
from .payload import MIB
from .ports import LOOPBACK, UDP, await_listener, free_port
from .processes import Crew

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = (sys.executable, "-S", "-E")
# An output that has not grown for this long after the flood is complete.
SETTLED = 0.3
# Longer than the output of any of these programs.
ANSWER = 64
# A script that sends every line with a tool that sends its input as it arrives.
EACH_LINE = ("sh", "-c", 'while IFS= read -r line; do printf %s "$line" | "$@"; done', "sh")


@dataclasses.dataclass(frozen=True)
class Reception:
    """How a tool took a flood."""

    offered: int
    received: int
    rate: float
    processor_seconds: float

    @property
    def percentage(self):
        return 100 * self.received / self.offered

    @property
    def processor_seconds_per_million(self):
        """Of those that were received: a tool that loses them is not the cheaper for it."""
        return self.processor_seconds / self.received * 1e6


@dataclasses.dataclass(frozen=True)
class Sending:
    """How a tool sent lines."""

    lines: int
    arrived: int
    seconds: float
    processor_seconds: float

    @property
    def percentage(self):
        return 100 * self.arrived / self.lines

    @property
    def rate(self):
        """Of those that arrived as one datagram a line."""
        return self.arrived / self.seconds

    @property
    def processor_seconds_per_million(self):
        """Of those that arrived."""
        return self.processor_seconds / self.arrived * 1e6


def receive_flood(tool, size, count, rate, directory, patience):
    """`X > file`, while datagrams are sent whether it keeps up or not.

    Its input stays open and empty, because some tools end with it.
    """
    datagram = os.urandom(size)
    output = directory / "datagrams"
    try:
        with Crew(patience) as crew:
            sink = crew.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            silence, _ = crew.pipe()
            source, feed = crew.pipe()
            answer, answered = crew.pipe()
            os.write(feed, datagram)
            port = free_port(UDP)
            receiver = crew.start(f"the receiving {tool.name}", tool.receive_datagrams(port), silence, sink)
            await_listener(port, receiver, UDP)
            flood = crew.start(
                "the flood", [*PYTHON, HERE / "flood.py", LOOPBACK, port, count, rate], source, answered)
            crew.wait(flood)
            await_settled(output, patience)
            receiver.stop()
            crew.wait()
            offered_rate = float(os.read(answer, ANSWER))
        received = count_copies(datagram, output, tool)
        return Reception(count, received, offered_rate, receiver.usage.processor_seconds)
    finally:
        output.unlink(missing_ok=True)


def send_lines(tool, command, file, count, size, patience):
    """`X < file`, where the file has that many lines of that size, to somebody who counts the datagrams."""
    with Crew(patience) as crew:
        source = crew.open(file)
        null = crew.open(os.devnull, os.O_RDWR)
        answer, answered = crew.pipe()
        port = free_port(UDP)
        counter = crew.start("the counter", [*PYTHON, HERE / "count.py", LOOPBACK, port, size], null, answered)
        await_listener(port, counter, UDP)
        sender = crew.start(f"the sending {tool.name}", [*command, *tool.send_datagrams(port)], source, null)
        crew.wait(sender)
        counter.stop()
        crew.wait()
        arrived = int(os.read(answer, ANSWER))
        if arrived == 0:
            raise BenchmarkError(f"{tool.name} sent no line as one datagram")
        return Sending(count, arrived, sender.usage.ended - sender.started, sender.usage.processor_seconds)


def await_settled(file, patience):
    """Waits until a file has not grown for a while."""
    deadline = time.monotonic() + patience
    size, grown = None, time.monotonic()
    while time.monotonic() < grown + SETTLED:
        if time.monotonic() > deadline:
            raise BenchmarkError(f"{file} still grew after {patience} s")
        time.sleep(SETTLED / 10)
        if file.stat().st_size != size:
            size, grown = file.stat().st_size, time.monotonic()


def count_copies(datagram, file, tool):
    """How many datagrams a tool wrote, which have to be whole and unchanged."""
    expected = datagram * (MIB // len(datagram))
    length = 0
    with open(file, "rb") as output:
        while chunk := output.read(len(expected)):
            if chunk != expected[:len(chunk)]:
                raise BenchmarkError(f"{tool.name} changed datagrams of {len(datagram)} bytes")
            length += len(chunk)
    if length == 0 or length % len(datagram) != 0:
        raise BenchmarkError(f"{tool.name} wrote {length} bytes of datagrams of {len(datagram)}")
    return length // len(datagram)
