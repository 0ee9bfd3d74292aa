# SPDX-License-Identifier: GPL-3.0-or-later
"""What the small servers have in common: a listener on the loopback, and lines that end with CRLF."""
import signal
import socket
import sys
import threading

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends a server without a traceback


class Lines:
    """A connection as lines of text."""

    def __init__(self, connection):
        self.file = connection.makefile("rwb")

    def read(self):
        """The next line without its end; None once the client has finished. A line has at most 1000 bytes."""
        line = self.file.readline(1000)
        return line.decode(errors="replace").rstrip("\r\n") if line else None

    def write(self, *lines):
        """Sends lines."""
        for line in lines:
            self.file.write(line.encode() + b"\r\n")
        self.file.flush()


def serve(session):
    """Calls `session` with each client's connection, in a thread of its own. The port is the first argument."""
    with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
        print("listening on 127.0.0.1 port", listener.getsockname()[1], flush=True)
        while True:
            connection, _ = listener.accept()
            connection.settimeout(300)
            threading.Thread(target=run, args=(session, connection), daemon=True).start()


def run(session, connection):
    """Serves one client; one that breaks off is no failure of the server."""
    with connection:
        try:
            session(connection)
        except OSError:
            pass
