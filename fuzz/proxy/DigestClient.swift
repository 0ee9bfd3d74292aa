// SPDX-License-Identifier: GPL-3.0-or-later

import HTTP
import Handshakes
import Sockets

/// A client whose password the proxy knows. The time stands still, and the hash function is a simple one, so that each
/// run makes the same nonces, and a seed can have one of them.
enum DigestClient {
  static let users = UserList(user: Array("u".utf8), password: Array("w".utf8))

  static let authority = DigestAuthority(
    realm: "r", hash: { _, bytes in hash(bytes) }, secret: Array("secret".utf8), now: { moment })

  static let style = {
    var style = HTTPProxyStyle()
    style.rules.methods = ["GET", "HEAD", "POST"]
    style.rules.acceptsBareLineFeed = true
    style.rules.demandsLength = true
    style.answers = .bare
    return style
  }()

  /// A second after the start of the clock.
  private static let moment = {
    let now = Deadline.now
    return now + .microseconds(1_000_000 - now.microseconds)
  }()

  /// FNV-1a.
  private static func hash(_ bytes: [UInt8]) -> [UInt8] {
    let number = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    return (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
  }

  private static func digits(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  private static func hash(_ text: String) -> String { digits(hash(Array(text.utf8))) }

  /// Whether a request can have right credentials, by a second and simpler reading: a nonce that was made here, and the
  /// response for the method and one of the request's targets, unless a count and the client's nonce are part of it.
  /// Passwords in clear text are not verified here.
  static func accepts(_ bytes: [UInt8]) -> Bool {
    let lines = bytes.split { $0 == 10 || $0 == 13 }.map { String(decoding: $0, as: UTF8.self) }
    guard let words = lines.first?.split(separator: " "), words.count == 3 else { return false }
    let prefix = "proxy-authorization:"
    let fields = lines.dropFirst().filter { $0.lowercased().hasPrefix(prefix) }
    guard fields.count == 1 else { return false }
    // A client may protect any character of a quoted text by a backslash.
    let value = fields[0].dropFirst(prefix.count).filter { $0 != "\\" }
    guard let nonce = nonces(in: value).first(where: isOurs) else { return false }
    let sent = String(words[1])
    let path = sent.dropFirst(7).drop { $0 != "/" && $0 != "?" }
    return [sent, "\(path)", "/\(path)"].contains { target in
      let request = hash("\(words[0]):\(target)")
      if value.lowercased().contains(hash("\(hash("u:r:w")):\(nonce):\(request)")) { return true }
      // The count and the client's nonce are anything.
      return value.lowercased().contains("qop")
    }
  }

  /// What stands before and behind each hyphen, as far as it consists of hexadecimal digits.
  private static func nonces(in text: String) -> [String] {
    text.indices.filter { text[$0] == "-" }.map { index in
      let time = text[..<index].reversed().prefix { $0.isHexDigit }.reversed()
      return String(time) + "-" + text[text.index(after: index)...].prefix { $0.isHexDigit }
    }
  }

  private static func isOurs(_ nonce: String) -> Bool {
    let time = nonce.prefix { $0 != "-" }
    let secret = Array("secret".utf8)
    return nonce.hasSuffix("-" + digits(hash(secret + hash(secret + Array(time.utf8)))))
  }
}
