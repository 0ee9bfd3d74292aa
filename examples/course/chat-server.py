#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits for one person, and then both write in turns, a line each; the client begins. Usage: chat-server.py PORT"""
import signal
import socket
import sys

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it without a traceback

with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
    print("listening on 127.0.0.1 port", listener.getsockname()[1], flush=True)
    connection, _ = listener.accept()
with connection, connection.makefile("rw", encoding="utf-8", newline="\n") as lines:
    while line := lines.readline():
        print("client:", line.rstrip("\n"), flush=True)
        answer = sys.stdin.readline()
        if not answer:
            break
        lines.write(answer)
        lines.flush()
