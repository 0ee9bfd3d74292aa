#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host to log in to, which offers to echo (Telnet, RFC 854). Usage: telnet.py PORT"""
import re

from lines import serve

IAC, WILL, ECHO = b"\xff", b"\xfb", b"\x01"
NAMES = {0xFB: "WILL", 0xFC: "WONT", 0xFD: "DO", 0xFE: "DONT"}
# Commands are mixed into the text: the byte 255, a verb, and an option.
COMMAND = re.compile(rb"\xff([\xfb-\xfe])(.)", re.DOTALL)


def session(connection):
    connection.sendall(IAC + WILL + ECHO + b"login: ")
    file = connection.makefile("rb")
    answer = "Welcome, {}! Type help, or quit."
    while line := file.readline(1000):
        for verb, option in COMMAND.findall(line):
            print("the client says", NAMES[verb[0]], option[0], flush=True)
        text = COMMAND.sub(b"", line).decode(errors="replace").rstrip("\r\n")
        connection.sendall(answer.format(text).encode() + b"\r\n")
        if text == "quit":
            return
        answer = "You typed {}."


serve(session)
