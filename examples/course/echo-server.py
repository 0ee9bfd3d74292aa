#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An iterative echo server: it serves one client to the end, and then the next. Usage: echo-server.py PORT"""
import signal
import socket
import sys

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it without a traceback

with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
    print("listening on 127.0.0.1 port", listener.getsockname()[1], flush=True)
    while True:
        connection, client = listener.accept()
        with connection:
            print("connected:", client[0], flush=True)
            try:
                while data := connection.recv(1024):
                    connection.sendall(data)
                print("finished:", client[0], flush=True)
            except ConnectionError as error:
                # One client that breaks off must not end the server.
                print(f"broken: {client[0]}: {error.strerror}", flush=True)
