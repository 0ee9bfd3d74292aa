# SPDX-License-Identifier: GPL-3.0-or-later
"""Gets a file over HTTP again and again, on one connection for as long as the server keeps it.

Usage: fetch.py HOST PORT PATH SIZE SECONDS

Prints the bytes of the bodies and the seconds they took. The kernel counts the bytes and throws them away: to copy them
takes longer than to send them, and it would be the client that is measured.
"""

import socket
import sys
import time

PATIENCE = 30
LONGEST_HEAD = 64 << 10


def receive_head(connection, block):
    """Returns the head in lower case, and how many bytes of the body came with it."""
    head = b""
    while b"\r\n\r\n" not in head:
        count = connection.recv_into(block)
        if count == 0 or len(head) > LONGEST_HEAD:
            raise SystemExit(f"fetch: no whole head of an answer: {head[:80]}")
        head += block[:count]
    head, _, rest = head.partition(b"\r\n\r\n")
    return head.lower(), len(rest)


def fetch(connection, request, size, block):
    """Gets the file once.

    Returns whether the server keeps the connection.
    """
    connection.sendall(request)
    head, received = receive_head(connection, block)
    version, status, *_ = head.split()
    if status != b"200" or f"content-length: {size}".encode() not in head:
        raise SystemExit(f"fetch: not the file: {head[:200]}")
    while received < size:
        count = connection.recv_into(block, 0, socket.MSG_TRUNC)
        if count == 0:
            raise SystemExit(f"fetch: {received} of {size} bytes came")
        received += count
    return version == b"http/1.1" and b"connection: close" not in head


def main():
    host, port, path, size, seconds = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), float(sys.argv[5])
    request = f"GET /{path} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode()
    block = memoryview(bytearray(1 << 20))
    connection = None
    total = 0
    start = time.monotonic()
    while time.monotonic() < start + seconds:
        connection = connection or socket.create_connection((host, port), PATIENCE)
        if not fetch(connection, request, size, block):
            connection.close()
            connection = None
        total += size
    print(total, time.monotonic() - start)


if __name__ == "__main__":
    main()
