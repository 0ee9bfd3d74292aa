#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail server that prints what it is sent (SMTP, RFC 5321). Usage: smtp.py PORT"""
from lines import Lines, serve


def session(connection):
    lines = Lines(connection)
    lines.write("220 mail.example.org ready")
    sender, recipients = None, []
    while (line := lines.read()) is not None:
        verb = line.upper()
        if verb.startswith(("HELO ", "EHLO ")):
            lines.write("250 mail.example.org")
        elif verb.startswith("MAIL FROM:"):
            sender, recipients = line[10:].strip(), []
            lines.write("250 OK")
        elif verb.startswith("RCPT TO:") and sender is not None:
            recipients.append(line[8:].strip())
            lines.write("250 OK")
        elif verb == "DATA" and recipients:
            lines.write("354 end with a dot alone on a line")
            print("from", sender, "to", ", ".join(recipients), flush=True)
            while (text := lines.read()) not in (".", None):
                # A line of the message that begins with a dot is sent with one more.
                print("|", text.removeprefix("."), flush=True)
            lines.write("250 accepted")
            sender, recipients = None, []
        elif verb in ("RSET", "NOOP"):
            lines.write("250 OK")
        elif verb == "QUIT":
            return lines.write("221 bye")
        elif verb == "DATA" or verb.startswith("RCPT TO:"):
            lines.write("503 out of order: first MAIL FROM, then RCPT TO, then DATA")
        else:
            lines.write("500 unknown command")


serve(session)
