// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// A dialogue of commands and replies in lines.
struct LineDialogue: Dialogue {
  /// A command, and the reply that is needed to go on.
  private struct Exchange {
    /// The command; `nil` to wait for the server's greeting.
    let command: String?
    var reply: LineReply

    init(_ command: String?, _ reply: LineReply) {
      self.command = command
      self.reply = reply
    }
  }

  private var exchanges: [Exchange]
  private var current = 0
  /// The number of bytes that are known to contain no end of a line.
  private var scanned = 0

  /// Prepares the dialogue of a protocol that consists of lines.
  ///
  /// - Parameter client: The name with which a client of SMTP introduces itself.
  init(_ service: StartTLSProtocol, client: String) {
    exchanges =
      switch service {
      case .smtp, .lmtp:
        [
          Exchange(nil, LineReply(.codes(["220"]))),
          Exchange("\(service == .smtp ? "EHLO" : "LHLO") \(client)", LineReply(.codes(["250"]))),
          Exchange("STARTTLS", LineReply(.codes(["220"]))),
        ]
      case .imap:
        [Exchange(nil, LineReply(.imapGreeting)), Exchange("a1 STARTTLS", LineReply(.imap(tag: "a1")))]
      case .pop3: [Exchange(nil, LineReply(.pop3)), Exchange("STLS", LineReply(.pop3))]
      case .ftp:
        [
          Exchange(nil, LineReply(.codes(["220"], containingText: true))),
          Exchange("AUTH TLS", LineReply(.codes(["234"], containingText: true))),
        ]
      case .nntp:
        [Exchange(nil, LineReply(.codes(["200", "201"]))), Exchange("STARTTLS", LineReply(.codes(["382"])))]
      case .sieve: [Exchange(nil, LineReply(.sieve)), Exchange("STARTTLS", LineReply(.sieve))]
      case .irc: [Exchange("STARTTLS", LineReply(.irc))]
      case .xmpp, .ldap, .postgres, .mysql: preconditionFailure("\(service) does not consist of lines")
      }
  }

  var opening: [UInt8] { exchanges[0].command.map(Self.line) ?? [] }

  mutating func advance(
    _ input: inout ArraySlice<UInt8>, _ output: inout [UInt8]
  ) throws(DialogueFailure) -> Bool {
    while let end = input.dropFirst(scanned).firstIndex(of: ASCII.lineFeed) {
      var line = input[..<end]
      input = input[(end + 1)...]
      scanned = 0
      if line.last == ASCII.carriageReturn { line.removeLast() }
      switch exchanges[current].reply.judge(line, &output) {
      case .incomplete: continue
      case .refused: throw .refused(Array(line))
      case .foreign: throw .foreign(Array(line))
      case .positive: break
      }
      current += 1
      guard current < exchanges.count else { return true }
      if let command = exchanges[current].command { output += Self.line(command) }
    }
    scanned = input.count
    return false
  }

  private static func line(_ text: String) -> [UInt8] { Array("\(text)\r\n".utf8) }
}
