# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients that are slow, vanish, or send what no server accepts: so many at a time, and each is followed by the next.

Usage: other_clients.py PLAN

Prints each second, as one line of JSON, how many of each kind have begun. Runs until SIGTERM.
"""

import asyncio
import collections
import contextlib
import json
import random
import socket
import struct
import sys

from conversations import CONVERSATIONS, LOOPBACK, Mismatch, connected, end_after_failure, reset_at_end

# How long a client of a kind without an end stays, on average, and at most.
STAY, LONGEST_STAY = 10, 40
CHUNK = 65536
MOST_UNREAD = 2 << 20
# The last one is the longest over IPv4.
DATAGRAM_SIZES = (*(0, 1, 100, 1400) * 4, 65507)
LONGEST_LINE = 100
# The begin of a record of TLS with the hello of a client, which never comes in full.
HALF_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"h" * 40


async def stay():
    await asyncio.sleep(min(random.expovariate(1 / STAY), LONGEST_STAY))


async def until_end(reader):
    """Reads whatever comes until the server ends the connection, or the time is over."""
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(discard(reader), min(random.expovariate(1 / STAY), LONGEST_STAY))


async def discard(reader):
    while await reader.read(CHUNK):
        pass


async def say_nothing(server, reader, writer):
    await stay()


async def half_close(server, reader, writer):
    if writer.can_write_eof():
        writer.write_eof()
    await until_end(reader)


async def send_garbage(server, reader, writer):
    writer.write(random.randbytes(random.randint(1, CHUNK)))
    await until_end(reader)


async def be_slow(server, reader, writer):
    """A few bytes at a time in both directions, which are compared."""
    conversation = CONVERSATIONS[server["speaks"]](server)
    await conversation.open(reader, writer)
    question, expected = conversation.question(random)
    sending = asyncio.create_task(trickle(writer, question))
    try:
        await conversation.check(reader, expected, 1024)
    finally:
        sending.cancel()


async def trickle(writer, question):
    size = max(1, len(question) // 25)
    for place in range(0, len(question), size):
        writer.write(question[place:place + size])
        await asyncio.sleep(0.2)


async def vanish(server, reader, writer):
    """Leaves in the middle of a question or of its answer, with a reset or, if there is nothing unread, an end."""
    conversation = CONVERSATIONS[server["speaks"]](server)
    await conversation.open(reader, writer)
    question, _ = conversation.question(random)
    writer.write(question[:random.randint(1, len(question))])
    await asyncio.sleep(random.uniform(0, 1))
    if random.getrandbits(1):
        reset_at_end(writer)


async def read_nothing(server, reader, writer):
    """Asks without reading answers, until the server takes no more."""
    conversation = CONVERSATIONS[server["speaks"]](server)
    await conversation.open(reader, writer)
    writer.transport.pause_reading()
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(ask_much(conversation, writer), STAY)
    await stay()
    reset_at_end(writer)


async def ask_much(conversation, writer):
    question, _ = conversation.question(random)
    block = question * (CHUNK // len(question) + 1)
    for _ in range(MOST_UNREAD // CHUNK):
        writer.write(block)
        await writer.drain()
        await asyncio.sleep(0.2)


async def send_endless_header(server, reader, writer):
    writer.write(b"GET / HTTP/1.1\r\n")
    receiving = asyncio.create_task(until_end(reader))
    try:
        while not receiving.done():
            writer.write(b"X-%d: %s\r\n" % (random.getrandbits(32), b"x" * random.randint(1, 5000)))
            await writer.drain()
            await asyncio.sleep(0.05)
    finally:
        receiving.cancel()


async def send_header_slowly(server, reader, writer):
    """Slowloris: the server has to end it."""
    receiving = asyncio.create_task(discard(reader))
    try:
        for byte in b"GET / HTTP/1.1\r\nHost: soak\r\nX-Rest: " + b"x" * 200:
            if receiving.done():
                break
            writer.write(bytes([byte]))
            await asyncio.sleep(0.2)
    finally:
        receiving.cancel()


async def send_huge_request(server, reader, writer):
    target = b"/" + b"a" * random.choice((1, 9000, 1 << 20))
    writer.write(b"POST " + target + b" HTTP/1.1\r\nHost: soak\r\nContent-Length: 999999999999999\r\n\r\n")
    writer.write(b"b" * CHUNK)
    await until_end(reader)


async def send_huge_operand(server, reader, writer):
    writer.write(b"\x02i" + struct.pack("!I", random.choice((65537, 1 << 31, 0xFFFFFFFF))) + b"\x7f" * CHUNK)
    await until_end(reader)


async def ask_for_nothing(server, reader, writer):
    """Half a handshake of SOCKS, a name of the greatest length that no resolver knows, or a port that is closed."""
    name = b"." * 255
    writer.write(random.choice((
        b"\x05", b"\x05\xff" + bytes(200), b"\x05\x01\x00\x05\x01\x00\x03\xff" + name + b"\x00\x01",
        b"\x05\x01\x00\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x01", b"\x04\x01\x00", b"CONNECT ")))
    await until_end(reader)


async def begin_handshake(server, reader, writer):
    writer.write(HALF_HELLO[:random.randint(1, len(HALF_HELLO))])
    await until_end(reader)


async def send_lines(server, reader, writer):
    """Lines for all other clients of a broker, read as they come."""
    receiving = asyncio.create_task(until_end(reader))
    try:
        while not receiving.done():
            writer.write(b"noise " + random.randbytes(random.randint(1, LONGEST_LINE // 2)).hex().encode() + b"\n")
            await asyncio.sleep(random.uniform(1, 4))
    finally:
        receiving.cancel()


async def send_datagrams(server):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as connection:
        connection.connect((LOOPBACK, server["port"]))
        for _ in range(random.randint(1, 20)):
            with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
                connection.send(random.randbytes(random.choice(DATAGRAM_SIZES)))
            await asyncio.sleep(random.uniform(0, 2))


ALL = (say_nothing, half_close)
OF_CONVERSATIONS = (*ALL, be_slow, vanish, read_nothing)
KINDS = {
    "echo": (*OF_CONVERSATIONS, send_garbage),
    "http": (*OF_CONVERSATIONS, send_garbage, send_endless_header, send_header_slowly, send_huge_request),
    "calc": (*OF_CONVERSATIONS, send_garbage, send_huge_operand),
    "socks": (*OF_CONVERSATIONS, send_garbage, ask_for_nothing),
    # A client that reads nothing may delay the others of a broker for seconds, as documented, so none sends much.
    "broker": (*ALL, send_lines),
}
# Those that do not begin TLS with a server that has it.
PLAIN_KINDS = (begin_handshake, send_garbage, say_nothing)


async def run_one(server, certificate, counts):
    """One client of a random kind."""
    if server["speaks"].startswith("udp"):
        counts[send_datagrams.__name__] += 1
        return await send_datagrams(server)
    is_plain = server["tls"] and random.random() < 0.3
    kind = random.choice(PLAIN_KINDS if is_plain else KINDS[server["speaks"]])
    counts[kind.__name__] += 1
    async with connected(server, certificate, not is_plain) as (reader, writer):
        await kind(server, reader, writer)


async def keep_coming(server, certificate, counts, problems):
    """One client after the other. A server may end their connections in any way, but not answer wrongly."""
    await asyncio.sleep(random.uniform(0, STAY))
    while True:
        try:
            await run_one(server, certificate, counts)
        except ConnectionRefusedError:
            problems.append(f"{server['name']} refuses connections")
            await stay()
        except Mismatch as problem:
            # Slow clients may be cut off at the end of their time, but other bytes are an error.
            if "other bytes" in str(problem):
                problems.append(f"{server['name']}: {problem}")
        except (OSError, EOFError, asyncio.TimeoutError, asyncio.LimitOverrunError):
            pass


async def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        plan = json.load(file)
    counts, problems = collections.Counter(), []
    tasks = [asyncio.create_task(keep_coming(server, plan["certificate"], counts, problems))
             for server in plan["servers"] for _ in range(server["others"])]
    while True:
        await asyncio.sleep(1)
        print(json.dumps({"counts": counts, "problems": problems}), flush=True)
        counts.clear()
        problems.clear()
        end_after_failure(tasks)


if __name__ == "__main__":
    asyncio.run(main())
