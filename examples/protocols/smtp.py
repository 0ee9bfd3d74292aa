#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail server that prints what it is sent (SMTP, RFC 5321). With a certificate it offers TLS (STARTTLS, RFC 3207).

Usage: smtp.py PORT [CERTIFICATE KEY]"""
import ssl
import sys

from lines import Lines, serve

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
if len(sys.argv) > 2:
    context.load_cert_chain(*sys.argv[2:])


def session(connection):
    lines = Lines(connection)
    lines.write("220 mail.example.org ready")
    if converse(lines, offers_tls=len(sys.argv) > 2) == "STARTTLS":
        lines.write("220 go ahead")
        with context.wrap_socket(connection, server_side=True) as protected:
            converse(Lines(protected), offers_tls=False)
            protected.unwrap()  # Sends close_notify.


def converse(lines, offers_tls):
    """Answers commands until the client has finished; returns the last one."""
    sender, recipients = None, []
    while (line := lines.read()) is not None:
        verb = line.upper()
        if verb.startswith("EHLO ") and offers_tls:
            lines.write("250-mail.example.org", "250 STARTTLS")
        elif verb.startswith(("HELO ", "EHLO ")):
            lines.write("250 mail.example.org")
        elif verb == "STARTTLS" and offers_tls:
            return verb
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
            lines.write("221 bye")
            return verb
        elif verb == "DATA" or verb.startswith("RCPT TO:"):
            lines.write("503 out of order: first MAIL FROM, then RCPT TO, then DATA")
        else:
            lines.write("500 unknown command")
    return None


serve(session)
