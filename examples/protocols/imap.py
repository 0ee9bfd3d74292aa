#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mailbox that stays on the server (IMAP, RFC 9051); every name and password is accepted. Usage: imap.py PORT"""
from lines import Lines, serve

INBOX = [
    "From: ann@example.org\r\nSubject: lunch\r\n\r\nAt noon?\r\n",
    "From: bob@example.org\r\nSubject: sockets\r\n\r\nRead socket(7).\r\n",
]


def session(connection):
    lines = Lines(connection)
    lines.write("* OK ready")
    state = "not authenticated"
    while (line := lines.read()) is not None:
        # The client begins each command with a tag, which the last line of the answer repeats.
        tag, _, command = line.partition(" ")
        verb, _, argument = command.partition(" ")
        verb = verb.upper()
        number, _, item = argument.partition(" ")
        is_message = number.isdecimal() and 1 <= int(number) <= len(INBOX)
        if verb == "CAPABILITY":
            lines.write("* CAPABILITY IMAP4rev2", f"{tag} OK done")
        elif verb == "NOOP":
            lines.write(f"{tag} OK done")
        elif verb == "LOGOUT":
            return lines.write("* BYE", f"{tag} OK done")
        elif verb == "LOGIN" and state == "not authenticated":
            state = "authenticated"
            lines.write(f"{tag} OK logged in")
        elif verb == "SELECT" and state != "not authenticated" and argument.upper() == "INBOX":
            state = "selected"
            lines.write(f"* {len(INBOX)} EXISTS", f"{tag} OK [READ-ONLY] selected")
        elif verb == "FETCH" and state == "selected" and is_message and item.upper() == "BODY[]":
            # The length in braces says where the text ends, whatever lines it contains.
            text = INBOX[int(number) - 1]
            lines.write(f"* {number} FETCH (BODY[] {{{len(text)}}}", text + ")", f"{tag} OK done")
        elif verb in ("LOGIN", "SELECT", "FETCH"):
            lines.write(f"{tag} NO not in this state, or not here: you are {state}")
        else:
            lines.write(f"{tag or '*'} BAD unknown command")


serve(session)
