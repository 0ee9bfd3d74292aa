#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a line, waits for one, and so on, until the input or the connection ends. Usage: chat-client.py PORT"""
import socket
import sys

with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as connection, connection.makefile(
    "rw", encoding="utf-8", newline="\n"
) as lines:
    for line in sys.stdin:
        lines.write(line)
        lines.flush()
        answer = lines.readline()
        if not answer:
            break
        print("server:", answer.rstrip("\n"), flush=True)
