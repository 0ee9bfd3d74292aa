// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport

/// A server in Python that begins in plain and changes to TLS on request, and its certificate.
struct StartTLSServer {
  /// What the server does when it is asked for TLS.
  enum Conduct: String, CaseIterable {
    /// It accepts, sends a line over TLS, and returns what it receives.
    case accepts
    /// The same, with each byte of the dialogue in a packet of its own.
    case hesitates
    /// It refuses.
    case refuses
    /// It accepts, with more bytes in plain behind that.
    case injects
    /// It ends the connection.
    case leaves
    /// It says nothing at all.
    case stalls
    /// It accepts, and calculates over TLS.
    case calculates
  }

  /// The file of the certificate, which is for `localhost` and 127.0.0.1.
  let certificate: String
  /// The port.
  let port: UInt16
  private let program: RunningProgram
  private let directory: TemporaryDirectory

  /// Starts a server of a protocol for one client.
  init(_ service: String, _ conduct: Conduct) async throws {
    directory = try TemporaryDirectory()
    certificate = directory.file("certificate")
    let made = try await shell(
      """
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test \
        -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$1/key" -out "$1/certificate" 2> "$1/errors" \
        || { cat "$1/errors" >&2; exit 1; }
      """, directory.path)
    guard made.ending == .exit(0) else { throw NoCertificate(attempt: made) }
    program = try .python(
      PythonCalculator.text + Self.text, service, conduct.rawValue, directory.path)
    port = try await program.printedPort()
  }

  /// Waits for the end of the server, which has checked what it was sent.
  func finished() async throws -> Finished { try await program.finished() }

  /// Thrown if `openssl` cannot make a certificate.
  private struct NoCertificate: Error {
    let attempt: Finished
  }

  private static let text = #"""
    import ssl
    service, conduct, directory = arguments
    listener = listening()
    connection = listener.accept()[0]
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def put(data):
        if conduct == "hesitates":
            for byte in data:
                connection.sendall(bytes([byte]))
        else:
            connection.sendall(data)

    def expect(data):
        got = b""
        while len(got) < len(data):
            part = connection.recv(len(data) - len(got))
            assert part, got
            got += part
        assert got == data, (got, data)

    def line(pattern):
        got = b""
        while not got.endswith(b"\r\n"):
            part = connection.recv(1)
            assert part, got
            got += part
        assert got == pattern + b"\r\n", (got, pattern)

    def hello(verb):
        got = b""
        while not got.endswith(b"\r\n"):
            got += connection.recv(1)
        words = got.split()
        assert words[0] == verb and len(words) == 2, got

    XMLNS = b"xmlns='urn:ietf:params:xml:ns:xmpp-tls'"
    LDAP = b"0\x1d\2\1\1w\x18\x80\x161.3.6.1.4.1.1466.20037"
    accept, refuse = {
        "smtp": (b"220 2.0.0 go\r\n", b"454 4.7.0 not now\r\n"),
        "lmtp": (b"220 2.0.0 go\r\n", b"454 4.7.0 not now\r\n"),
        "imap": (b"a1 OK go\r\n", b"a1 NO not now\r\n"),
        "pop3": (b"+OK go\r\n", b"-ERR not now\r\n"),
        "ftp": (b"234 go\r\n", b"534 not now\r\n"),
        "xmpp": (b"<proceed " + XMLNS + b"/>", b"<failure " + XMLNS + b"/></stream:stream>"),
        "ldap": (b"0\x0c\2\1\1x\7\n\1\0\4\0\4\0", b"0\x13\2\1\1x\x0e\n\1\x02\4\0\4\7not now"),
        "postgres": (b"S", b"N"),
        "mysql": (b"", b""),
        "nntp": (b"382 go\r\n", b"580 not now\r\n"),
        "sieve": (b"OK \"go\"\r\n", b"NO \"not now\"\r\n"),
        "irc": (b":irc 670 * :go\r\n", b":irc 691 * :not now\r\n"),
    }[service]

    def greet():
        "Everything that precedes the request for TLS, and the request."
        if service in ("smtp", "lmtp"):
            put(b"220-mail\r\n220 ESMTP\r\n")
            hello(b"EHLO" if service == "smtp" else b"LHLO")
            put(b"250-mail\r\n250-PIPELINING\r\n250 STARTTLS\r\n")
            line(b"STARTTLS")
        elif service == "imap":
            put(b"* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n")
            line(b"a1 STARTTLS")
        elif service == "pop3":
            put(b"+OK ready\r\n")
            line(b"STLS")
        elif service == "ftp":
            put(b"220-files\r\n  of all kinds\r\n220 ready\r\n")
            line(b"AUTH TLS")
        elif service == "xmpp":
            expect(b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
                   b"xmlns:stream='http://etherx.jabber.org/streams' to='localhost' version='1.0'>")
            put(b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' id='1' version='1.0'>"
                b"<stream:features><starttls " + XMLNS + b"><required/></starttls></stream:features>")
            expect(b"<starttls " + XMLNS + b"/>")
        elif service == "ldap":
            expect(LDAP)
        elif service == "postgres":
            expect(b"\0\0\0\x08\x04\xd2\x16\x2f")
        elif service == "mysql":
            ssl_bit = 0 if conduct == "refuses" else 8
            packet = b"\n8.0\0" + bytes(4) + b"saltsalt\0" + bytes([0xff, 0xf7 | ssl_bit]) + b"-\2\0\xff\xdf"
            put(bytes([len(packet), 0, 0, 0]) + packet + (b"injected" if conduct == "injects" else b""))
            if conduct in ("accepts", "hesitates"):
                expect(b"\x20\0\0\1\0\x8a\x08\0\0\0\0\1-" + bytes(23))
        elif service == "nntp":
            put(b"200 ready\r\n")
            line(b"STARTTLS")
        elif service == "sieve":
            put(b"\"IMPLEMENTATION\" \"x\"\r\n\"STARTTLS\"\r\nOK \"ready\"\r\n")
            line(b"STARTTLS")
        elif service == "irc":
            put(b":irc NOTICE * :*** Looking up your host name\r\n")
            line(b"STARTTLS")

    def until_closed():
        try:
            while connection.recv(1 << 16):
                pass
        except ConnectionResetError:
            pass

    if conduct == "stalls":
        until_closed()
        sys.exit()
    greet()
    if conduct == "leaves":
        connection.close()
        sys.exit()
    if conduct == "refuses":
        # The greeting of MySQL is a refusal, after which the client is gone.
        if service != "mysql":
            put(refuse)
        until_closed()
        sys.exit()
    if conduct == "injects":
        if service != "mysql":
            put(accept + b"injected")
        until_closed()
        sys.exit()
    put(accept)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory + "/certificate", directory + "/key")
    secure = context.wrap_socket(connection, server_side=True)
    if conduct == "calculates":
        serve(secure)
        sys.exit()
    secure.sendall(b"hello\n")
    data = b""
    while part := secure.recv(1 << 16):
        data += part
    secure.sendall(data)
    secure.unwrap().close()
    """#
}
