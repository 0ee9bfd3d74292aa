#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends texts without newlines, and prints what comes back for each. Usage: echo-client.py PORT TEXT..."""
import socket
import sys

with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=10) as connection:
    for text in sys.argv[2:]:
        data = text.encode()
        connection.sendall(data)
        # TCP has no messages: the answer may come in pieces, so its length is what says that it is complete.
        answer = b""
        while len(answer) < len(data):
            piece = connection.recv(1024)
            if not piece:
                sys.exit("the server closed the connection")
            answer += piece
        print(answer.decode())
