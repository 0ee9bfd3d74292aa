// SPDX-License-Identifier: GPL-3.0-or-later

import Handshakes

/// What a server's bytes mean, read the plain way out of bytes that are all there. Nothing of the program is used for
/// it but the names of the protocols.
struct StrictServer {
  /// The place behind the acceptance; `nil` if there is none.
  private(set) var acceptance: Int?
  /// Whether further bytes cannot lead to an acceptance.
  private(set) var isHopeless = false
  /// What a client sends until then.
  private(set) var commands: [UInt8] = []

  /// Reads what a server sends.
  init(_ service: StartTLSProtocol, _ bytes: ArraySlice<UInt8>) {
    switch service {
    case .postgres: readPostgreSQL(bytes)
    case .mysql: readMySQL(bytes)
    case .ldap: readLDAP(bytes)
    case .xmpp: readXMPP(bytes)
    default: readLines(service, bytes)
    }
  }

  /// Notes that there is no hope.
  mutating func fail() { isHopeless = true }
  /// Notes an acceptance that ends before a place.
  mutating func accept(at end: Int) { acceptance = end }
  /// Notes that something is sent.
  mutating func send(_ text: String) { commands += Array(text.utf8) }

  // MARK: Lines

  /// The commands, with nothing for the greeting, which each need one positive reply.
  private static func script(_ service: StartTLSProtocol) -> [(command: String, positive: [String])] {
    switch service {
    case .smtp: [("", ["220"]), ("EHLO c\r\n", ["250"]), ("STARTTLS\r\n", ["220"])]
    case .lmtp: [("", ["220"]), ("LHLO c\r\n", ["250"]), ("STARTTLS\r\n", ["220"])]
    case .ftp: [("", ["220"]), ("AUTH TLS\r\n", ["234"])]
    case .nntp: [("", ["200", "201"]), ("STARTTLS\r\n", ["382"])]
    case .imap: [("", ["* OK"]), ("a1 STARTTLS\r\n", ["A1 OK"])]
    case .pop3: [("", ["+OK"]), ("STLS\r\n", ["+OK"])]
    case .sieve: [("", ["OK"]), ("STARTTLS\r\n", ["OK"])]
    case .irc: [("STARTTLS\r\n", ["670"])]
    default: []
    }
  }

  private mutating func readLines(_ service: StartTLSProtocol, _ bytes: ArraySlice<UInt8>) {
    var lines: [(text: [UInt8], end: Int)] = []
    var start = bytes.startIndex
    for index in bytes.indices where bytes[index] == 10 {
      var text = Array(bytes[start..<index])
      if text.last == 13 { text.removeLast() }
      start = index + 1
      lines.append((text, start))
    }
    var next = 0
    for (command, positive) in Self.script(service) {
      commands += Array(command.utf8)
      switch Self.reply(service, lines, &next, &commands) {
      case nil: return
      case .bad?:
        isHopeless = true
        return
      case .word(let word)?:
        guard positive.contains(word) else {
          isHopeless = true
          return
        }
      }
    }
    acceptance = lines[next - 1].end
  }

  private enum Reply {
    /// It is negative, or none.
    case bad
    /// It begins with these words, in capitals.
    case word(String)
  }

  /// Reads a whole reply; `nil` if it is not there.
  private static func reply(
    _ service: StartTLSProtocol, _ lines: [(text: [UInt8], end: Int)], _ next: inout Int,
    _ sent: inout [UInt8]
  ) -> Reply? {
    while next < lines.count {
      let line = lines[next].text
      next += 1
      // Latin-1, in which each byte is a character of its own.
      let text = String(String.UnicodeScalarView(line.map { Unicode.Scalar($0) }))
      let words = text.unicodeScalars.split(separator: " ", omittingEmptySubsequences: false).map {
        upper($0)
      }
      switch service {
      case .smtp, .lmtp, .ftp, .nntp:
        guard isCode(line.prefix(3)) else { return .bad }
        let code = Array(line.prefix(3))
        if line.count > 3, line[3] == 45 {
          var isOver = false
          while !isOver {
            guard next < lines.count else { return nil }
            let more = lines[next].text
            next += 1
            let isSame = Array(more.prefix(3)) == code
            isOver = isSame && (more.count == 3 || more[3] == 32)
            if !isOver, service != .ftp, !(isSame && more[3] == 45) { return .bad }
          }
        } else if line.count > 3, line[3] != 32 {
          return .bad
        }
        if code[0] == 49 { continue }
        return .word(String(decoding: code, as: UTF8.self))
      case .imap:
        // The greeting has no tag, and has to be the first line.
        let isGreeting = next == 1
        if words[0] == "*", !isGreeting, words.count < 2 || words[1] != "BYE" { continue }
        return .word(words.prefix(2).joined(separator: " "))
      case .pop3: return .word(words[0])
      case .sieve:
        if line.first == 34 { continue }
        return .word(words[0])
      default:
        var rest = words.filter { !$0.isEmpty }
        if rest.first?.first == "@" { rest.removeFirst() }
        if rest.first?.first == ":" { rest.removeFirst() }
        guard let command = rest.first else { return .bad }
        let scalars = Array(command.unicodeScalars)
        if scalars.count == 3, scalars.allSatisfy({ ("0"..."9").contains($0) }) {
          if command == "670" { return .word(command) }
          if ["4", "5"].contains(scalars[0]) || command == "691" { return .bad }
          continue
        }
        guard scalars.allSatisfy({ ("A"..."Z").contains($0) }) else { return .bad }
        if command == "ERROR" { return .bad }
        if command == "PING" { sent += Array("PONG".utf8) + parameters(of: line) + [13, 10] }
      }
    }
    return nil
  }

  /// What stands behind the command of a message of IRC.
  private static func parameters(of line: [UInt8]) -> ArraySlice<UInt8> {
    var rest = line[...].drop { $0 == 32 }
    for mark: UInt8 in [64, 58] where rest.first == mark {
      rest = rest.drop { $0 != 32 }.drop { $0 == 32 }
    }
    return rest.dropFirst(4)
  }

  private static func isCode(_ digits: ArraySlice<UInt8>) -> Bool {
    digits.count == 3 && digits.allSatisfy { (48...57).contains($0) }
  }

  private static func upper(_ word: some Sequence<Unicode.Scalar>) -> String {
    String(
      String.UnicodeScalarView(
        word.map { ("a"..."z").contains($0) ? Unicode.Scalar(UInt8($0.value) - 32) : $0 }))
  }

  // MARK: Packets

  private mutating func readPostgreSQL(_ bytes: ArraySlice<UInt8>) {
    commands = [0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F]
    guard let first = bytes.first else { return }
    if first == UInt8(ascii: "S") { acceptance = bytes.startIndex + 1 }
    // An error counts when it is complete.
    let length = number(bytes.dropFirst().prefix(4))
    isHopeless =
      first != UInt8(ascii: "S")
      && (first != UInt8(ascii: "E")
        || bytes.count >= 5 && (length < 4 || length > 65536 || bytes.count > length))
  }

  private func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 * 256 + Int($1) } }

  private mutating func readMySQL(_ bytes: ArraySlice<UInt8>) {
    let all = Array(bytes)
    guard all.count >= 4 else { return }
    let length = number(ArraySlice(all[..<3].reversed()))
    guard length > 0, length <= 65536, all[3] == 0 else {
      isHopeless = true
      return
    }
    guard all.count - 4 >= length else { return }
    let packet = Array(all[4..<(4 + length)])
    guard packet[0] == 10, let zero = packet.firstIndex(of: 0), zero + 15 < packet.count,
      packet[zero + 15] & 8 == 8
    else {
      isHopeless = true
      return
    }
    acceptance = bytes.startIndex + 4 + length
    commands = [32, 0, 0, 1, 0, 0x8A, 8, 0, 0, 0, 0, 1, 45] + [UInt8](repeating: 0, count: 23)
  }

  private mutating func readLDAP(_ bytes: ArraySlice<UInt8>) {
    commands =
      Array("0\u{1D}\u{2}\u{1}\u{1}w\u{18}".utf8) + [0x80, 0x16] + Array("1.3.6.1.4.1.1466.20037".utf8)
    switch Self.element(bytes) {
    case nil where bytes.isEmpty: return
    case .bad?,
      nil where bytes.first != 0x30:
      isHopeless = true
    case nil: return
    case .found(0x30, let message, let end)?:
      if Self.isAcceptance(message) { acceptance = end } else { isHopeless = true }
    case .found?: isHopeless = true
    }
  }

  private enum Element {
    case bad
    case found(UInt8, ArraySlice<UInt8>, end: Int)
  }

  /// The first element; `nil` if it is not complete.
  private static func element(_ bytes: ArraySlice<UInt8>) -> Element? {
    let all = Array(bytes)
    guard all.count >= 2 else { return nil }
    let (head, length): (Int, Int)
    if all[1] < 0x80 {
      (head, length) = (2, Int(all[1]))
    } else {
      let count = Int(all[1]) - 0x80
      guard count >= 1, count <= 4 else { return .bad }
      guard all.count >= 2 + count else { return nil }
      (head, length) = (2 + count, all[2..<(2 + count)].reduce(0) { $0 * 256 + Int($1) })
    }
    guard length <= 65536 else { return .bad }
    guard all.count >= head + length else { return nil }
    let end = bytes.startIndex + head + length
    return .found(all[0], bytes[(bytes.startIndex + head)..<end], end: end)
  }

  private static func isAcceptance(_ message: ArraySlice<UInt8>) -> Bool {
    guard case .found(2, let number, let behind)? = element(message), number.elementsEqual([1]),
      case .found(0x78, let response, _)? = element(message[behind...]),
      case .found(10, let code, let afterCode)? = element(response), code.elementsEqual([0]),
      case .found(4, _, let afterName)? = element(response[afterCode...]),
      case .found(4, _, _)? = element(response[afterName...])
    else { return false }
    return true
  }
}
