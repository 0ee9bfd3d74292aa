# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients that ask at a steady pace, compare every byte of each answer, and measure how long it takes.

Usage: good_clients.py PLAN < output of udp-recv

Prints each second, as one line of JSON, the times of the answers in milliseconds and the problems, for each server.
Runs until SIGTERM.
"""

import asyncio
import json
import random
import socket
import sys
import time

from conversations import CONVERSATIONS, LOOPBACK, PATIENCE, Mismatch, connected, end_after_failure

# Between two questions of a client, on average.
PAUSE = 0.5
QUESTIONS_OF_A_CONNECTION = 20
DATAGRAM_ATTEMPTS = 5
LONGEST_DATAGRAM = 1400


class Record:
    """What happened to the clients of one server since it was printed last."""

    def __init__(self):
        self.times, self.problems = [], []

    def note(self, start):
        self.times.append(round((time.monotonic() - start) * 1000, 3))

    def take(self):
        taken = {"times": self.times, "problems": self.problems}
        self.times, self.problems = [], []
        return taken


async def converse(server, certificate, record):
    """One connection, with questions until it ends."""
    conversation = CONVERSATIONS[server["speaks"]](server)
    begun = time.monotonic()
    async with connected(server, certificate) as (reader, writer):
        try:
            await asyncio.wait_for(conversation.open(reader, writer), PATIENCE)
        except ConnectionError:
            if time.monotonic() - begun < conversation.opening_limit:
                raise
            # On a machine with too much work this client itself was too slow: that is a long time, not a wrong answer.
            return record.note(begun)
        for _ in range(random.randint(1, 2 * QUESTIONS_OF_A_CONNECTION)):
            await pause()
            question, expected = conversation.question(random)
            start = time.monotonic()
            writer.write(question)
            await asyncio.wait_for(conversation.check(reader, expected), PATIENCE)
            record.note(start)
        if writer.can_write_eof():
            writer.write_eof()
            if await asyncio.wait_for(reader.read(), PATIENCE):
                raise Mismatch("bytes after the last answer")


async def chat(server, certificate, record):
    """Two clients of a broker: what one sends arrives at the other, between the lines of others."""
    # Clients are accepted in order, so the second one can only be heard when the first one is there.
    async with connected(server, certificate) as (reader, _), connected(server, certificate) as (ignored, writer):
        draining = asyncio.create_task(drain(ignored))
        try:
            for line in lines():
                await pause()
                start = time.monotonic()
                writer.write(line)
                await asyncio.wait_for(await_line(reader, line), PATIENCE)
                record.note(start)
        finally:
            draining.cancel()


async def drain(reader):
    while await reader.read(LONGEST_DATAGRAM):
        pass


async def await_line(reader, line):
    """Reads until it comes, past the lines of others.

    Raises Mismatch if another one with its tag comes, or the end.
    """
    tag = line.split()[0]
    while (received := await reader.readline()) != line:
        if not received or received.startswith(tag):
            raise Mismatch(f"{received[:80]!r} from the broker for {line[:80]!r}")


def lines():
    """Lines that are like no others, with one tag."""
    tag = random.randbytes(8).hex()
    for number in range(random.randint(1, 2 * QUESTIONS_OF_A_CONNECTION)):
        yield f"{tag} {number} {random.randbytes(random.randint(1, LONGEST_DATAGRAM // 4)).hex()}\n".encode()


async def exchange_datagrams(server, _, record):
    """Datagrams that come back, or appear in the output of the receiver. One that is lost is sent again."""
    with datagram_socket(server) as connection:
        for line in lines():
            await pause()
            for attempt in range(DATAGRAM_ATTEMPTS):
                start = time.monotonic()
                await asyncio.get_running_loop().sock_sendall(connection, line)
                try:
                    await asyncio.wait_for(RECEPTIONS[server["speaks"]](connection, line), 1)
                except asyncio.TimeoutError:
                    continue
                if attempt == 0:
                    record.note(start)
                break
            else:
                raise Mismatch(f"no answer to {DATAGRAM_ATTEMPTS} datagrams")


async def await_datagram(connection, line):
    """Receives until it comes back, past what is late.

    Raises Mismatch if it was changed.
    """
    tag = line.split()[0]
    while (received := await asyncio.get_running_loop().sock_recv(connection, LONGEST_DATAGRAM + 1)) != line:
        if not received.startswith(tag):
            raise Mismatch(f"the datagram {received[:80]!r} for {line[:80]!r}")


async def await_output(_, line):
    """Waits until the receiver has printed it."""
    arrival = AWAITED.setdefault(line.strip(), asyncio.Event())
    await arrival.wait()
    del AWAITED[line.strip()]


def datagram_socket(server):
    connection = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    connection.connect((LOOPBACK, server["port"]))
    return connection


async def read_output():
    """Reads what udp-recv prints, where each line is the address of the sender and a datagram."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await read_line(reader):
        arrival = AWAITED.get(line.partition(b"] ")[2].strip())
        if arrival is not None:
            arrival.set()


async def read_line(reader):
    """A line; a newline alone for one that is too long to be awaited."""
    try:
        return await reader.readline()
    except ValueError:
        return b"\n"


async def pause():
    await asyncio.sleep(random.uniform(0, 2 * PAUSE))


async def keep_asking(server, certificate, record):
    """A client that begins again whenever a connection has ended, and notes whatever is wrong."""
    talk = KINDS.get(server["speaks"], converse)
    while True:
        try:
            await talk(server, certificate, record)
        except (Mismatch, OSError, EOFError, asyncio.TimeoutError, asyncio.LimitOverrunError) as problem:
            record.problems.append(f"{type(problem).__name__}: {problem}")
            await pause()


async def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        plan = json.load(file)
    records = {server["name"]: Record() for server in plan["servers"]}
    tasks = [asyncio.create_task(read_output())]
    for server in plan["servers"]:
        for _ in range(server["good"]):
            tasks.append(asyncio.create_task(keep_asking(server, plan["certificate"], records[server["name"]])))
    while True:
        await asyncio.sleep(1)
        print(json.dumps({name: record.take() for name, record in records.items()}), flush=True)
        end_after_failure(tasks)


RECEPTIONS = {"udp-echo": await_datagram, "udp-recv": await_output}
KINDS = {"broker": chat, "udp-echo": exchange_datagrams, "udp-recv": exchange_datagrams}
# What the receiver of datagrams has to print, by the datagram.
AWAITED = {}

if __name__ == "__main__":
    asyncio.run(main())
