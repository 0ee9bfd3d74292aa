#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends a text over TLS to each client, and ends without close_notify. Usage: tls-server.py PORT CERTIFICATE KEY"""
import signal
import socket
import ssl
import sys
from contextlib import suppress

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it without a traceback

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2], sys.argv[3])

with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
    print("listening on 127.0.0.1 port", listener.getsockname()[1], flush=True)
    while True:
        connection, client = listener.accept()
        # A client that refuses the certificate, or resets the connection, is no failure of the server.
        with suppress(OSError), context.wrap_socket(connection, server_side=True) as protected:
            protected.sendall(b"half of the text\n")
            # The end of TCP. `unwrap` would send close_notify first.
            protected.shutdown(socket.SHUT_WR)
            while protected.recv(1024):
                pass
