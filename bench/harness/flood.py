# SPDX-License-Identifier: GPL-3.0-or-later
"""Offers the datagram on standard input again and again, at a steady rate, and prints the rate that came of it.

Usage: flood.py HOST PORT COUNT RATE
"""

import ctypes
import os
import socket
import sys
import time

from messages import LIBRARY, Batch

BATCH = 32
LONGEST_DATAGRAM = 65507
PR_SET_TIMERSLACK = 29
# Delays by a busy machine are made up for only up to this limit: beyond it the flood would be a faster one.
LONGEST_LAG = 0.001


def flood(descriptor, datagram, count, rate):
    """Sends them, and returns how many a second were sent."""
    batch = Batch(ctypes.create_string_buffer(datagram, len(datagram)), BATCH)
    sent = 0
    start = due = time.monotonic()
    while sent < count:
        lag = time.monotonic() - due
        if lag < 0:
            time.sleep(-lag)
        due += max(0, lag - LONGEST_LAG)
        try:
            just_sent = batch.send(descriptor, count - sent)
        except ConnectionRefusedError:
            # The receiver has ended; the program that started it reports the reason.
            just_sent = BATCH
        sent += just_sent
        due += just_sent / rate
    return sent / (time.monotonic() - start)


def main():
    host, port, count, rate = sys.argv[1], *(int(word) for word in sys.argv[2:])
    # Sleeps end on time, not 50 µs later; waiting without sleeping would take a core from the receiver.
    LIBRARY.prctl(PR_SET_TIMERSLACK, ctypes.c_ulong(1), 0, 0, 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect((host, port))
        print(f"{flood(sender.fileno(), os.read(0, LONGEST_DATAGRAM), count, rate):.0f}")


if __name__ == "__main__":
    main()
