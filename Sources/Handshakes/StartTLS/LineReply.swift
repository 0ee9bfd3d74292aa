// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// A reply that consists of lines, and how to tell whether it is a positive one.
struct LineReply: Sendable {
  /// The form of a reply.
  enum Form: Sendable {
    /// Three digits, as in SMTP, NNTP and FTP; those listed are positive. A reply of several lines has a hyphen behind
    /// the digits in all lines but the last; in FTP, lines between the first and the last can be any text.
    case codes([StaticString], containingText: Bool = false)
    /// The untagged line with which IMAP begins.
    case imapGreeting
    /// IMAP's reply to a command with a tag, which untagged lines may precede.
    case imap(tag: StaticString)
    /// `+OK` or `-ERR`.
    case pop3
    /// `OK`, `NO` or `BYE`, which lines with capabilities may precede.
    case sieve
    /// IRC's numeric reply, which any other messages may precede.
    case irc
  }

  /// What a line means.
  enum Verdict: Equatable {
    /// The reply has further lines.
    case incomplete
    /// The reply is complete and positive.
    case positive
    /// The reply is complete and negative.
    case refused
    /// The line is not of the protocol.
    case foreign
  }

  private let form: Form
  /// The code of a reply of several lines.
  private var code: ArraySlice<UInt8>?

  /// Expects a reply.
  init(_ form: Form) { self.form = form }

  /// Judges a line without its end.
  ///
  /// - Parameter output: An answer that the line needs is appended to it.
  mutating func judge(_ line: ArraySlice<UInt8>, _ output: inout [UInt8]) -> Verdict {
    let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
    let (first, second) = (words[0], words.count > 1 ? words[1] : [])
    switch form {
    case .codes(let positive, let containsText):
      return judge(line, positive: positive, containsText: containsText)
    case .imapGreeting:
      guard first.equals("*") else { return .foreign }
      if second.equals("OK") { return .positive }
      return second.equals("PREAUTH") || second.equals("BYE") ? .refused : .foreign
    case .imap(let tag):
      if first.equals("*") { return second.equals("BYE") ? .refused : .incomplete }
      guard first.equals(tag) else { return .foreign }
      if second.equals("OK") { return .positive }
      return second.equals("NO") || second.equals("BAD") ? .refused : .foreign
    case .pop3:
      if first.equals("+OK") { return .positive }
      return first.equals("-ERR") ? .refused : .foreign
    case .sieve:
      if line.first == UInt8(ascii: "\"") { return .incomplete }
      if first.equals("OK") { return .positive }
      return first.equals("NO") || first.equals("BYE") ? .refused : .foreign
    case .irc: return Self.judge(message: line, &output)
    }
  }

  private mutating func judge(
    _ line: ArraySlice<UInt8>, positive: [StaticString], containsText: Bool
  ) -> Verdict {
    let digits = line.prefix(3)
    let mark = line.dropFirst(3).first ?? UInt8(ascii: " ")
    if let code, !digits.elementsEqual(code) || mark != UInt8(ascii: " ") {
      return containsText || digits.elementsEqual(code) && mark == UInt8(ascii: "-") ? .incomplete : .foreign
    }
    guard digits.count == 3, digits.allSatisfy(\.isDigit) else { return .foreign }
    switch mark {
    case UInt8(ascii: " "): code = nil
    case UInt8(ascii: "-"):
      code = digits
      return .incomplete
    default: return .foreign
    }
    // A preliminary reply, which another follows.
    if digits.first == UInt8(ascii: "1") { return .incomplete }
    return positive.contains { digits.equals($0) } ? .positive : .refused
  }

  /// Judges a message of IRC: tags and source, which can be missing, a command or a number, and parameters.
  private static func judge(message: ArraySlice<UInt8>, _ output: inout [UInt8]) -> Verdict {
    var words = message.split(separator: UInt8(ascii: " "), maxSplits: 3)[...]
    if words.first?.first == UInt8(ascii: "@") { words.removeFirst() }
    if words.first?.first == UInt8(ascii: ":") { words.removeFirst() }
    guard let command = words.first else { return .foreign }
    if command.count == 3, command.allSatisfy(\.isDigit) {
      if command.equals("670") { return .positive }
      let isError = command.first == UInt8(ascii: "4") || command.first == UInt8(ascii: "5")
      return isError || command.equals("691") ? .refused : .incomplete
    }
    guard command.allSatisfy(\.isLetter) else { return .foreign }
    if command.equals("PING") {
      output += Array("PONG".utf8) + message[command.endIndex...] + [ASCII.carriageReturn, ASCII.lineFeed]
    }
    return command.equals("ERROR") ? .refused : .incomplete
  }
}
