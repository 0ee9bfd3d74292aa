# SPDX-License-Identifier: GPL-3.0-or-later
"""What clients say to each server, and what has to come back, byte by byte."""

import asyncio
import contextlib
import functools
import math
import os
import socket
import ssl
import struct
import traceback

LOOPBACK = "127.0.0.1"
# No answer of a server takes as long, not even on a busy machine.
PATIENCE = 30
LONGEST_MESSAGE = 16384
LARGEST_FACTOR = 1000
SHORTEST_RESULT = 8
ADD, INTEGER, CALCULATED = b"\x01", b"i", b"\x00"


class Mismatch(Exception):
    """Says what came instead of the answer."""


class Conversation:
    """Questions and answers of one protocol. The servers that send back what they get need no other one."""

    # The seconds after which a server may reset a client that has not completed `open`.
    opening_limit = math.inf

    def __init__(self, server):
        self.server = server

    async def open(self, reader, writer):
        """Does what precedes the first question."""

    def question(self, random):
        """The bytes to send, and what `check` needs."""
        message = random.randbytes(random.randint(1, LONGEST_MESSAGE))
        return message, message

    async def check(self, reader, expected, size=0):
        """Reads the answer to one question, at most `size` bytes at a time unless it is 0.

        Raises Mismatch unless it is the right one.
        """
        await expect(reader, expected, size)


class Requests(Conversation):
    """Requests for files of http-server."""

    def question(self, random):
        name = random.choice(self.server["files"])
        return f"GET /{name} HTTP/1.1\r\nHost: soak\r\n\r\n".encode(), name

    async def check(self, reader, expected, size=0):
        with open(f"{self.server['site']}/{expected}", "rb") as file:
            content = file.read()
        header = await reader.readuntil(b"\r\n\r\n")
        if not header.startswith(b"HTTP/1.1 200 ") or f"Content-Length: {len(content)}\r\n".encode() not in header:
            raise Mismatch(f"the header {header[:80]!r} for a file of {len(content)} bytes")
        await expect(reader, content, size)


class Sums(Conversation):
    """Additions of calc-server."""

    def question(self, random):
        left, right = (random.getrandbits(random.randint(1, LARGEST_FACTOR)) for _ in range(2))
        return ADD + operand(left) + operand(right), CALCULATED + operand(left + right, SHORTEST_RESULT)


class Proxied(Conversation):
    """An echo server behind a proxy for SOCKS 5."""

    # What the manual of the proxy says.
    opening_limit = 3

    async def open(self, reader, writer):
        writer.write(b"\x05\x01\x00\x05\x01\x00\x01" + socket.inet_aton(LOOPBACK)
                     + struct.pack("!H", self.server["target"]))
        await expect(reader, b"\x05\x00\x05\x00\x00\x01")
        await reader.readexactly(6)


CONVERSATIONS = {"echo": Conversation, "http": Requests, "calc": Sums, "socks": Proxied}


def operand(number, shortest=1):
    """An integer in the wire format of calc-server: its type, its length, and two's complement."""
    payload = number.to_bytes(max(shortest, number.bit_length() // 8 + 1), "big", signed=True)
    return INTEGER + struct.pack("!I", len(payload)) + payload


async def expect(reader, expected, size=0):
    """Reads as many bytes as that.

    Raises Mismatch if they differ.
    """
    place = 0
    while place < len(expected):
        rest = len(expected) - place
        chunk = await reader.read(min(size, rest) if size else rest)
        if not chunk:
            raise Mismatch(f"the end after {place} of {len(expected)} bytes")
        if chunk != expected[place:place + len(chunk)]:
            raise Mismatch(f"other bytes between {place} and {place + len(chunk)} of {len(expected)}")
        place += len(chunk)
        if size:
            await asyncio.sleep(0.1)


@contextlib.asynccontextmanager
async def connected(server, certificate, protects=True):
    """A connection to a server, with TLS if it has that, whose descriptor is closed in the end."""
    options = {}
    if server["tls"] and protects:
        options = {"ssl": protection(certificate), "ssl_handshake_timeout": PATIENCE}
    reader, writer = await asyncio.wait_for(
        asyncio.open_connection(LOOPBACK, server["port"], **options), PATIENCE)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


@functools.cache
def protection(certificate):
    """What the connections with TLS share: making it for each would cost more than the connection."""
    return ssl.create_default_context(cafile=certificate)


def reset_at_end(writer):
    """Lets the connection end with a reset when its descriptor is closed."""
    connection = writer.get_extra_info("socket")
    # With TLS there is none any more if the server has ended the connection.
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def end_after_failure(tasks):
    """Ends the program if a task has failed, at once: asyncio would wait for the others first."""
    for task in tasks:
        if task.done() and task.exception() is not None:
            traceback.print_exception(None, task.exception(), task.exception().__traceback__)
            os._exit(1)
