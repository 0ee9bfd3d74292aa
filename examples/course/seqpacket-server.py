#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints each message of one client of a SOCK_SEQPACKET socket, and sends it back. Usage: seqpacket-server.py PATH"""
import os
import signal
import socket
import sys

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it without a traceback

path = sys.argv[1]
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
    listener.bind(path)
    listener.listen()
    print("listening on", path, flush=True)
    connection, _ = listener.accept()
os.remove(path)
with connection:
    # Each call returns one message, however fast the next ones follow.
    while message := connection.recv(1 << 16):
        print(len(message), "bytes:", message, flush=True)
        connection.send(message)
