#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints a message from each client, and acknowledges it. Usage: message-server.py PORT"""
import signal
import socket
import sys

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it without a traceback

with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
    print("listening on 127.0.0.1 port", listener.getsockname()[1], flush=True)
    while True:
        connection, client = listener.accept()
        with connection:
            # The message ends where the client half-closes.
            parts = []
            while data := connection.recv(1024):
                parts.append(data)
            print("message:", b"".join(parts).decode(errors="replace").rstrip("\n"), flush=True)
            connection.sendall(b"message received\n")
