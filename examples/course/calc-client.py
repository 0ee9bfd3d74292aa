#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks a calculation server for one result. Usage: calc-client.py PORT add|multiply|concatenate|subtract|divide A B"""
import socket
import struct
import sys

OPERATIONS = {"add": 1, "multiply": 2, "concatenate": 3, "subtract": 4, "divide": 5}


def operand(text):
    """An operand on the wire: its type, the length of its value, and the value. `!` is network byte order."""
    for kind, value in ("i", lambda: struct.pack("!q", int(text))), ("d", lambda: struct.pack("!d", float(text))):
        try:
            payload = value()
            break
        except ValueError:
            continue
    else:
        kind, payload = "s", text.encode()
    return struct.pack("!cI", kind.encode(), len(payload)) + payload


def receive(connection, count):
    """Exactly this many bytes: one `recv` may bring fewer."""
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            sys.exit("the server closed the connection")
        data += piece
    return data


port, operation, a, b = sys.argv[1:]
with socket.create_connection(("127.0.0.1", int(port)), timeout=10) as connection:
    connection.sendall(struct.pack("!B", OPERATIONS[operation]) + operand(a) + operand(b))
    status, kind, length = struct.unpack("!BcI", receive(connection, 6))
    payload = receive(connection, length)
    connection.sendall(b"\0")
if status != 0:
    sys.exit("error: " + payload.decode())
if kind == b"i":
    print(int.from_bytes(payload, "big", signed=True))
elif kind == b"d":
    print(struct.unpack("!d", payload)[0])
else:
    print(payload.decode())
