// SPDX-License-Identifier: GPL-3.0-or-later

/// What a client authenticates with at a proxy.
package enum ProxyCredentials: Equatable, Sendable {
  /// A user and a password.
  case user(UserCredentials)
  /// A token (RFC 6750).
  case bearer(String)

  /// Reads `USER:PASSWORD` or `Bearer TOKEN`; `nil` if it is neither.
  package init?(_ line: String) {
    guard line.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
    if line.hasPrefix("Bearer ") {
      let token = line.dropFirst(7)
      guard !token.isEmpty, token.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }) else { return nil }
      self = .bearer(String(token))
      return
    }
    let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty else { return nil }
    self = .user(UserCredentials(user: String(parts[0]), password: String(parts[1])))
  }
}

/// A user and a password.
package struct UserCredentials: Equatable, Sendable {
  /// The user, without a colon.
  package let user: String
  /// The password.
  package let password: String

  /// The maximum number of bytes of each in SOCKS (RFC 1929).
  package static let longest = 255

  /// Creates credentials.
  package init(user: String, password: String) { (self.user, self.password) = (user, password) }

  /// Whether SOCKS can transmit them.
  package var fitsSOCKS: Bool {
    (1...Self.longest).contains(user.utf8.count) && password.utf8.count <= Self.longest
  }

  /// The user behind its length.
  var userField: [UInt8] { Self.field(user) }
  /// The password behind its length.
  var passwordField: [UInt8] { Self.field(password) }

  private static func field(_ text: String) -> [UInt8] {
    [UInt8(truncatingIfNeeded: text.utf8.count)] + Array(text.utf8)
  }
}
