# SPDX-License-Identifier: GPL-3.0-or-later
"""Receives datagrams until it is stopped by SIGTERM, and prints how many had the length that is wanted.

Usage: count.py HOST PORT LENGTH
"""

import ctypes
import select
import signal
import socket
import sys

from messages import Batch

BATCH = 256
BUFFER = 32 << 20
SO_RCVBUFFORCE = 33
# When nothing has arrived for this long, everything that was sent before the signal is counted.
PAUSE = 0.1


def enlarge_buffer(receiver):
    """Makes room for all that comes while something else runs; beyond the limit, if that is permitted."""
    try:
        receiver.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
    except PermissionError:
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)


def count(receiver, length, is_stopped):
    batch = Batch(ctypes.create_string_buffer(length), BATCH)
    total = 0
    while True:
        if select.select([receiver], [], [], PAUSE)[0]:
            total += batch.receive(receiver.fileno(), socket.MSG_DONTWAIT | socket.MSG_TRUNC).count(length)
        elif is_stopped():
            return total


def main():
    host, port, length = sys.argv[1], *(int(word) for word in sys.argv[2:])
    signals = []
    signal.signal(signal.SIGTERM, lambda number, _: signals.append(number))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        enlarge_buffer(receiver)
        receiver.bind((host, port))
        print(count(receiver, length, lambda: bool(signals)))


if __name__ == "__main__":
    main()
