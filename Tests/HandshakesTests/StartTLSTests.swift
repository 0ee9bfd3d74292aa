// SPDX-License-Identifier: GPL-3.0-or-later

import Handshakes
import Sockets
import SystemPackage
import Testing

/// The dialogues that precede TLS, however the server's bytes are split.
struct StartTLSTests {
  /// A server that accepts, and the commands that it has got.
  private struct Server: Sendable {
    let bytes: [UInt8]
    let commands: [UInt8]

    init(_ bytes: [UInt8], _ commands: [UInt8]) {
      self.bytes = bytes
      self.commands = commands
    }

    init(_ text: String, _ commands: String) { self.init(Array(text.utf8), Array(commands.utf8)) }
  }

  private static let stream =
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' version='1.0' id=\"a>b\">"
  private static let features =
    "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>"
  private static let opening =
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
    + "to='server' version='1.0'>"
  private static let request = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
  private static let ldapRequest: [UInt8] =
    [0x30, 29, 2, 1, 1, 0x77, 24, 0x80, 22] + Array("1.3.6.1.4.1.1466.20037".utf8)
  private static let postgresRequest: [UInt8] = [0, 0, 0, 8, 4, 210, 22, 47]
  private static let mysqlRequest: [UInt8] =
    [32, 0, 0, 1, 0, 0x8A, 8, 0, 0, 0, 0, 1, 45] + [UInt8](repeating: 0, count: 23)

  /// MySQL's greeting with the lower half of the capabilities.
  private static func greeting(capabilities: UInt16) -> [UInt8] {
    let packet: [UInt8] =
      [10] + Array("8.0.36\0".utf8) + [1, 0, 0, 0] + Array("saltsalt".utf8) + [0]
      + [UInt8(capabilities & 0xFF), UInt8(capabilities >> 8), 45, 2, 0, 0xFF, 0xDF]
    return [UInt8(packet.count), 0, 0, 0] + packet
  }

  /// An LDAP response with a message number, a code and a text.
  private static func response(number: UInt8 = 1, code: UInt8, _ text: String = "") -> [UInt8] {
    let result: [UInt8] = [10, 1, code, 4, 0, 4, UInt8(text.utf8.count)] + Array(text.utf8)
    let message: [UInt8] = [2, 1, number, 0x78, UInt8(result.count)] + result
    return [0x30, UInt8(message.count)] + message
  }

  private static func dialogue(
    _ service: StartTLSProtocol, client: String? = "client.example"
  ) -> StartTLS { StartTLS(service, with: "server:9", server: "server", client: client) }

  private static func failed(_ reason: String) -> HandshakeRun.End {
    .failed(IOFailure(.secure(with: "server:9"), .peerProtocol(reason)))
  }

  private static func servers(_ service: StartTLSProtocol) -> [Server] {
    switch service {
    case .smtp:
      [
        Server(
          "220 mail\r\n250-mail\r\n250-STARTTLS\r\n250 OK\r\n220 go\r\n",
          "EHLO client.example\r\nSTARTTLS\r\n"),
        Server("220-mail\n220-of\n220\n250\n220\n", "EHLO client.example\r\nSTARTTLS\r\n"),
      ]
    case .lmtp:
      [Server("220 mail\r\n250-mail\r\n250 STARTTLS\r\n220 go\r\n", "LHLO client.example\r\nSTARTTLS\r\n")]
    case .imap:
      [
        Server("* OK [CAPABILITY IMAP4rev1 STARTTLS] hello\r\na1 OK go\r\n", "a1 STARTTLS\r\n"),
        Server("* ok\r\n* CAPABILITY IMAP4rev1\r\nA1 ok\r\n", "a1 STARTTLS\r\n"),
      ]
    case .pop3: [Server("+OK <1@mail>\r\n+OK go\r\n", "STLS\r\n"), Server("+OK\n+ok\n", "STLS\r\n")]
    case .ftp:
      [
        Server("220 files\r\n234 go\r\n", "AUTH TLS\r\n"),
        Server(
          "120 wait\r\n220-files\r\n 220 of\r\n99\r\n220-\r\n220 all\r\n234-a\r\nb\r\n234 go\r\n",
          "AUTH TLS\r\n"),
      ]
    case .xmpp:
      [
        Server(
          stream + features + "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", opening + request),
        Server(
          " \n\(stream)\n<features>x<a><b c='/>'/></a><starttls/></features><proceed></proceed >",
          opening + request),
      ]
    case .ldap:
      [
        Server(response(code: 0), ldapRequest),
        // Lengths of more bytes than are needed, as some servers send them.
        Server(
          [0x30, 0x84, 0, 0, 0, 16, 2, 1, 1, 0x78, 0x84, 0, 0, 0, 7, 10, 1, 0, 4, 0, 4, 0], ldapRequest),
      ]
    case .postgres: [Server([UInt8(ascii: "S")], postgresRequest)]
    case .mysql: [Server(greeting(capabilities: 0xFFFF), mysqlRequest)]
    case .nntp:
      [Server("200 news\r\n382 go\r\n", "STARTTLS\r\n"), Server("201 news\r\n382 go\r\n", "STARTTLS\r\n")]
    case .sieve:
      [
        Server(
          "\"IMPLEMENTATION\" \"x\"\r\n\"STARTTLS\"\r\nOK \"ready\"\r\nOK \"go\"\r\n", "STARTTLS\r\n"),
        Server("ok\r\nOK (WARNINGS) \"go\"\r\n", "STARTTLS\r\n"),
      ]
    case .irc:
      [
        Server(":irc 670 * :go\r\n", "STARTTLS\r\n"),
        Server(
          "@time=1 :irc NOTICE * :*** Looking up your name\r\nPING :abc\r\n670\r\n",
          "STARTTLS\r\nPONG :abc\r\n"),
      ]
    }
  }

  /// Servers that do not accept, and the reasons.
  private static func refusals(_ service: StartTLSProtocol) -> [(bytes: [UInt8], reason: String)] {
    func refused(_ text: String, _ words: String) -> (bytes: [UInt8], reason: String) {
      (Array(text.utf8), "the server refused STARTTLS: \(words)")
    }
    return switch service {
    case .smtp, .lmtp:
      [
        refused("554 no\r\n", "554 no"), refused("421-no\r\n421 never\r\n", "421 never"),
        refused("220 mail\r\n502 what?\r\n", "502 what?"),
        refused("220 mail\r\n250-x\r\n250 y\r\n454 \u{1B}[2J\r\n", "454 \\x1b[2J"),
      ]
    case .imap:
      [
        refused("* PREAUTH hello\r\n", "* PREAUTH hello"), refused("* BYE full\r\n", "* BYE full"),
        refused("* OK hello\r\na1 NO never\r\n", "a1 NO never"),
        refused("* OK hello\r\na1 BAD what?\r\n", "a1 BAD what?"),
        refused("* OK hello\r\n* BYE end\r\n", "* BYE end"),
      ]
    case .pop3: [refused("-ERR no\r\n", "-ERR no"), refused("+OK\r\n-ERR what?\r\n", "-ERR what?")]
    case .ftp:
      [refused("421 no\r\n", "421 no"), refused("220 x\r\n530-a\r\nb\r\n530 c\r\n", "530 c")]
    case .nntp: [refused("400 no\r\n", "400 no"), refused("200 x\r\n580 no\r\n", "580 no")]
    case .sieve:
      [refused("BYE no\r\n", "BYE no"), refused("OK\r\nNO \"never\"\r\n", "NO \"never\"")]
    case .irc:
      [
        refused(":irc 691 * :no\r\n", ":irc 691 * :no"), refused("421 STARTTLS\r\n", "421 STARTTLS"),
        refused("NOTICE x\r\nERROR :full\r\n", "ERROR :full"),
      ]
    case .xmpp:
      [
        refused(stream + features + "<failure><not-now/></failure>", "not-now"),
        refused(stream + features + "<failure/>", "failure"),
        refused(stream + "<stream:error><host-unknown/><text>x</text></stream:error>", "host-unknown"),
        refused(stream + features + "</stream:stream>", "</stream:stream>"),
        (
          Array((stream + "<stream:features><bind/><a><starttls/></a></stream:features>").utf8),
          "the server does not offer STARTTLS"
        ),
      ]
    case .ldap:
      [
        (response(code: 2), "the server refused STARTTLS: result 2"),
        (response(code: 52, "\nlater"), "the server refused STARTTLS: result 52, \\x0alater"),
        (response(number: 0, code: 0), "the server refused STARTTLS: result 0"),
      ]
    case .postgres:
      [
        ([UInt8(ascii: "N")], "the server does not offer STARTTLS"),
        (Array("E\0\0\0\u{12}SFATAL\0Mfull\0\0".utf8), "the server refused STARTTLS: full"),
        (Array("E\0\0\0\u{5}\0".utf8), "the server refused STARTTLS"),
      ]
    case .mysql:
      [
        (greeting(capabilities: 0xF7FF), "the server does not offer STARTTLS"),
        ([9, 0, 0, 0, 0xFF, 0x10, 4] + Array("#08004".utf8), "the server refused STARTTLS"),
        ([7, 0, 0, 0, 0xFF, 0x6A, 4] + Array("host".utf8), "the server refused STARTTLS: host"),
      ]
    }
  }

  /// Servers of other protocols.
  private static func strangers(_ service: StartTLSProtocol) -> [[UInt8]] {
    let web = Array("HTTP/1.1 400 Bad Request\r\n".utf8)
    let others: [String] =
      switch service {
      case .smtp, .lmtp:
        ["", "220x\r\n", "22\r\n", "220-a\r\n221 b\r\n", "220-a\r\nb\r\n", "220 a\r\n+OK\r\n"].map {
          $0 + "\r\n"
        }
      case .imap: ["* CAPABILITY\r\n", "a1 OK\r\n", "* OK\r\na2 OK\r\n", "* OK\r\na1 OKAY\r\n"]
      case .pop3: ["+OKAY\r\n", "+OK\r\n220\r\n", "\r\n"]
      case .ftp: ["\r\n", "220x\r\n", "220 a\r\nb\r\n"]
      case .nntp: ["\r\n", "20\r\n"]
      case .sieve: ["\r\n", "OKAY\r\n", "OK\r\n+OK\r\n"]
      case .irc: ["\r\n", ":irc\r\n", "@a :b\r\n", "67 * x\r\n"]
      case .xmpp:
        [
          "x", "<a>", "<stream/>", "</stream>", "<!-- -->", "<stream><!-- --></stream>", "<stream>x",
          "<stream><a/>",
          "<stream><?x?>", "<stream><b></c>", "<stream <", "<stream></stream a='b'>", "<?x>", "< stream>",
          "<stream><features><starttls/></features><features/>",
        ]
      case .ldap:
        [
          "0\u{2}\u{1}\u{1}", "0\u{0}", "0\u{5}\u{2}\u{1}\u{2}\u{78}\u{0}",
        ]
      case .postgres: ["X", "E\0\0\0\u{3}", "Eyes: no"]
      case .mysql: ["\0\0\0\0", "\u{1}\0\0\u{1}", "\u{2}\0\0\0\u{A}\0", "\u{1}\0\0\0\u{9}"]
      }
    let binary: [UInt8] = service == .ldap ? [0x30, 0x80, 0] : [0x16, 3, 1, 0, 2, 10]
    return [web, binary] + others.map { Array($0.utf8) }
  }

  @Test(arguments: StartTLSProtocol.allCases)
  func `a server accepts`(service: StartTLSProtocol) {
    for server in Self.servers(service) {
      let expected = HandshakeRun(Self.dialogue(service), server.bytes)
      #expect(expected.end == .complete(payload: []))
      #expect(expected.sent == server.commands, "\(String(decoding: expected.sent, as: UTF8.self))")
      for run in HandshakeRun.all(Self.dialogue(service), server.bytes) { #expect(run == expected) }
    }
  }

  @Test(arguments: StartTLSProtocol.allCases)
  func `a dialogue is incomplete before the last byte`(service: StartTLSProtocol) {
    for server in Self.servers(service) {
      for count in server.bytes.indices {
        for run in HandshakeRun.all(Self.dialogue(service), Array(server.bytes[..<count])) {
          #expect(run.end == .incomplete)
        }
      }
    }
  }

  @Test(arguments: StartTLSProtocol.allCases)
  func `a server refuses`(service: StartTLSProtocol) {
    for (bytes, reason) in Self.refusals(service) {
      for run in HandshakeRun.all(Self.dialogue(service), bytes) { #expect(run.end == Self.failed(reason)) }
    }
  }

  @Test(arguments: StartTLSProtocol.allCases)
  func `a server of another protocol is recognised`(service: StartTLSProtocol) {
    for bytes in Self.strangers(service) {
      // A line of IRC, or a part of one, may look like the beginning of anything.
      let runs = HandshakeRun.all(Self.dialogue(service), bytes + [10])
      guard case .failed(let reason)? = runs.first?.end else {
        Issue.record("\(bytes) is \(runs[0].end)")
        continue
      }
      #expect(reason.explanation.hasPrefix("the server does not speak "), "\(bytes)")
      for run in runs { #expect(run.end == runs[0].end, "\(bytes)") }
    }
  }

  @Test(arguments: StartTLSProtocol.allCases)
  func `bytes in plain behind the acceptance are an error`(service: StartTLSProtocol) {
    for server in Self.servers(service) {
      for trailing in [
        Array("x".utf8), Array("\r\n".utf8), [0x16, 3, 3, 0, 1, 0], [UInt8](repeating: 32, count: 70_000),
      ] {
        let bytes = server.bytes + trailing
        let expected = Self.failed("the server sent bytes in plain after accepting STARTTLS")
        #expect(HandshakeRun(Self.dialogue(service), bytes).end == expected)
        for cut in 1..<server.bytes.count {
          #expect(HandshakeRun(Self.dialogue(service), [bytes[..<cut], bytes[cut...]]).end == expected)
        }
        // What follows in a read of its own is the business of TLS.
        let ends = [bytes[..<server.bytes.count], bytes[server.bytes.count...]]
        #expect(HandshakeRun(Self.dialogue(service), ends).end == .complete(payload: trailing))
      }
    }
  }

  @Test(arguments: StartTLSProtocol.allCases)
  func `a dialogue is not endless`(service: StartTLSProtocol) {
    let (start, filling): (String, String) =
      switch service {
      case .smtp, .lmtp: ("", "220-x\r\n")
      case .imap: ("* OK\r\n", "* x\r\n")
      case .ftp: ("220-\r\n", "\r\n")
      case .sieve: ("", "\"x\"\r\n")
      case .irc: ("", "PING x\r\n")
      case .nntp: ("", "100 x\r\n")
      case .pop3: ("+OK ", "x")
      case .xmpp: ("<stream><features>", "<x/>")
      case .ldap: ("0\u{7F}", "")
      case .postgres: ("E\0\u{1}\0\0", "x")
      case .mysql: ("\0\0\u{1}\0", "x")
      }
    guard !filling.isEmpty else { return }
    let limit = StartTLS.longest
    let bytes = Array((start + String(repeating: filling, count: limit / filling.utf8.count + 1)).utf8)
    #expect(HandshakeRun(Self.dialogue(service), Array(bytes[..<limit])).end == .incomplete)
    let tooLong = Self.failed("the server sent more than 64 KiB without accepting STARTTLS")
    #expect(HandshakeRun(Self.dialogue(service), Array(bytes[...limit])).end == tooLong)
    #expect(HandshakeRun(Self.dialogue(service), [bytes[..<limit], bytes[limit...limit]]).end == tooLong)
    let pieces = stride(from: 0, to: bytes.count, by: 7).map { bytes[$0..<min($0 + 7, bytes.count)] }
    #expect(HandshakeRun(Self.dialogue(service), pieces).end == tooLong)
  }

  @Test func `a long reply is quoted in part`() {
    let run = HandshakeRun(Self.dialogue(.smtp), Array("554 \(String(repeating: "x", count: 1000))\r\n".utf8))
    #expect(run.end == Self.failed("the server refused STARTTLS: 554 \(String(repeating: "x", count: 296))…"))
  }

  @Test(arguments: [nil, "", "a b", "a\r\nQUIT", "é"])
  func `a host without a proper name is localhost`(name: String?) {
    let run = HandshakeRun(Self.dialogue(.smtp, client: name), Array("220 mail\r\n".utf8))
    #expect(run.sent == Array("EHLO localhost\r\n".utf8))
  }

  @Test(arguments: StartTLSProtocol.allCases)
  func `the end of the stream is an end that comes too early`(service: StartTLSProtocol) {
    let failure = Self.dialogue(service).prematureEnd
    #expect(
      "\(failure)" == "TLS with server:9: the server ended the connection before it accepted STARTTLS")
    #expect(failure.code == .connectionAbort)
  }

  @Test func `the name of the server is escaped in XML`() throws {
    var handshake = StartTLS(.xmpp, with: "server:9", server: "<'&'>", client: nil)
    var sent: [UInt8] = []
    let nothing: [UInt8] = []
    let step = try handshake.step(nothing.span, &sent)
    #expect(step == .incomplete)
    #expect(String(decoding: sent, as: UTF8.self).contains(" to='&lt;&#39;&amp;&#39;&gt;' "))
  }
}
