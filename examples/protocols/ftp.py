#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two files to list and to fetch (FTP, RFC 959, passive mode); every name and password is accepted.

Usage: ftp.py PORT [DATA-PORT]
"""
import socket
import sys

from lines import Lines, serve

DATA_PORT = int(sys.argv[2]) if len(sys.argv) > 2 else 0  # 0 lets the kernel choose
FILES = {"hello.txt": "Hello!\r\n", "course.txt": "Sockets, hands on.\r\n"}


def session(connection):
    lines = Lines(connection)
    lines.write("220 ready")
    data = None  # the listener for the next transfer
    while (line := lines.read()) is not None:
        verb, _, argument = line.partition(" ")
        verb = verb.upper()
        if verb == "QUIT":
            return lines.write("221 bye")
        if verb == "USER":
            lines.write("331 any password will do")
        elif verb == "PASS":
            lines.write("230 logged in")
        elif verb == "PASV":
            # Files go over a second connection, to the port that is named here as two bytes.
            if data:
                data.close()
            data = socket.create_server(("127.0.0.1", DATA_PORT))
            data.settimeout(30)
            high, low = divmod(data.getsockname()[1], 256)
            lines.write(f"227 passive mode (127,0,0,1,{high},{low})")
        elif verb in ("LIST", "RETR") and data is None:
            lines.write("425 first PASV, and connect to its port")
        elif verb == "RETR" and argument not in FILES:
            lines.write("550 there is no such file")
        elif verb in ("LIST", "RETR"):
            text = FILES[argument] if verb == "RETR" else "".join(name + "\r\n" for name in FILES)
            lines.write("150 here it comes")
            with data, data.accept()[0] as transfer:
                # The end of the file is the end of the connection.
                transfer.sendall(text.encode())
            data = None
            lines.write("226 done")
        else:
            lines.write("502 unknown command")


serve(session)
