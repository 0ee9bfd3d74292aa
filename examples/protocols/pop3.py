#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mailbox with two messages (POP3, RFC 1939); every name and password is accepted. Usage: pop3.py PORT"""
from lines import Lines, serve

MAILBOX = [
    ["From: ann@example.org", "Subject: lunch", "", "At noon?"],
    ["From: bob@example.org", "Subject: sockets", "", "Read socket(7)."],
]


def size(message):
    return sum(len(line) + 2 for line in message)


def session(connection):
    lines = Lines(connection)
    lines.write("+OK ready")
    is_open, deleted = False, set()
    while (line := lines.read()) is not None:
        verb, _, argument = line.partition(" ")
        verb = verb.upper()
        kept = [number for number in range(1, len(MAILBOX) + 1) if number not in deleted]
        number = int(argument) if argument.isdecimal() else 0
        if verb == "QUIT":
            return lines.write("+OK bye")
        if verb == "USER":
            lines.write("+OK")
        elif verb == "PASS":
            is_open = True
            lines.write(f"+OK {len(kept)} messages")
        elif not is_open:
            lines.write("-ERR first USER and PASS")
        elif verb == "STAT":
            lines.write(f"+OK {len(kept)} {sum(size(MAILBOX[n - 1]) for n in kept)}")
        elif verb == "LIST":
            lines.write("+OK", *(f"{n} {size(MAILBOX[n - 1])}" for n in kept), ".")
        elif verb == "RETR" and number in kept:
            # A line that begins with a dot is sent with one more: a dot alone is the end.
            text = ("." + line if line.startswith(".") else line for line in MAILBOX[number - 1])
            lines.write("+OK", *text, ".")
        elif verb == "DELE" and number in kept:
            deleted.add(number)
            lines.write("+OK deleted")
        elif verb == "NOOP":
            lines.write("+OK")
        else:
            lines.write("-ERR unknown command or message")


serve(session)
