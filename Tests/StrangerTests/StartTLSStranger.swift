// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// A widespread server of a protocol with STARTTLS, and a dialogue with it over TLS.
struct StartTLSStranger: Sendable, CustomTestStringConvertible {
  /// The end of a dialogue.
  enum Answer: Sendable {
    /// A line that contains a text is the last one.
    case line(String)
    /// The first bytes of all.
    case bytes([UInt8])
  }

  /// The name of the protocol, as `--starttls` has it.
  let service: String
  /// The server. Its arguments are the address, the port, and the files of its certificate and its key.
  let server: Stranger
  /// What a client sends once the connection is protected.
  let request: [UInt8]
  /// What the server answers.
  let answer: Answer
  /// Whether the server ends a connection without close_notify.
  var truncates: Bool { ["ftp", "mysql"].contains(service) }

  var testDescription: String { "\(service) with \(server.name)" }

  private init(_ service: String, _ name: String, _ script: String, _ request: [UInt8], _ answer: Answer) {
    self.service = service
    self.server = Stranger(name: name, script: script)
    self.request = request
    self.answer = answer
  }

  private init(_ service: String, _ name: String, _ script: String, _ request: String, _ answer: Answer) {
    self.init(service, name, script, Array(request.utf8), answer)
  }

  /// One server for each protocol.
  static let all = [
    StartTLSStranger("smtp", "Postfix", postfix, "QUIT\r\n", .line("221 2.0.0 Bye")),
    StartTLSStranger("lmtp", "Dovecot", dovecot("lmtp", "lmtp"), "QUIT\r\n", .line("221 2.0.0 Bye")),
    StartTLSStranger(
      "imap", "Dovecot", dovecot("imap-login", "imap"), "a LOGOUT\r\n", .line("a OK Logout completed.")),
    StartTLSStranger("pop3", "Dovecot", dovecot("pop3-login", "pop3"), "QUIT\r\n", .line("+OK Logging out")),
    StartTLSStranger(
      "sieve", "Dovecot", dovecot("managesieve-login", "sieve"), "LOGOUT\r\n",
      .line("OK \"Logout completed.\"")),
    StartTLSStranger(
      "ftp", "vsftpd", vsftpd, "USER anonymous\r\nPASS anonymous\r\nQUIT\r\n", .line("221 Goodbye.")),
    StartTLSStranger(
      "xmpp", "Prosody", prosody,
      "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
        + "xmlns:stream='http://etherx.jabber.org/streams' to='localhost' version='1.0'>",
      .bytes(Array("<?xml version='1.0'?><stream:stream".utf8))),
    StartTLSStranger(
      "irc", "InspIRCd", inspircd, "NICK test\r\nUSER test 0 * test\r\nQUIT\r\n", .line("ERROR :Closing link")
    ),
    StartTLSStranger("nntp", "INN", inn, "QUIT\r\n", .line("205 Bye!")),
    // An anonymous bind, and its success.
    StartTLSStranger(
      "ldap", "slapd", slapd, [0x30, 12, 2, 1, 1, 0x60, 7, 2, 1, 3, 4, 0, 0x80, 0],
      .bytes([0x30, 12, 2, 1, 1, 0x61, 7, 10, 1, 0, 4, 0, 4, 0])),
    // The version 3.0 of the protocol and a user, and AuthenticationOk.
    StartTLSStranger(
      "postgres", "PostgreSQL", postgreSQL, [0, 0, 0, 23, 0, 3, 0, 0] + Array("user\0postgres\0\0".utf8),
      .bytes([UInt8(ascii: "R"), 0, 0, 0, 8, 0, 0, 0, 0])),
    // A handshake response with the flags of the SSL request, and a packet that begins like that of success.
    StartTLSStranger(
      "mysql", "MariaDB", mariaDB,
      [60, 0, 0, 2, 0, 0x8a, 8, 0, 0, 0, 0, 1, 0x2d] + [UInt8](repeating: 0, count: 23)
        + Array("root\0\0mysql_native_password\0".utf8), .bytes([7, 0, 0, 3, 0])),
  ]
}
