// SPDX-License-Identifier: GPL-3.0-or-later

/// Sockets that another process has opened and that this one has inherited, as a user names them.
package enum InheritedSockets: Hashable, Sendable {
  /// The socket with this descriptor.
  case descriptor(CInt)
  /// The sockets that a service manager has passed: those with this name, or all.
  case activated(name: String?)

  /// How the words begin that name inherited sockets.
  package static let beginnings = ["systemd", "systemd:", "fd:"]

  /// Reads `fd:N`, `systemd` or `systemd:NAME`; `nil` for any other word.
  ///
  /// - Throws: An error for `fd:` without a number, and for `systemd:` without a name.
  package init?(_ word: String) throws(Endpoint.SyntaxError) {
    if word == "systemd" {
      self = .activated(name: nil)
    } else if word.hasPrefix("systemd:") {
      let name = String(word.dropFirst("systemd:".count))
      guard !name.isEmpty else { throw Endpoint.SyntaxError("'\(word)' has no name: expected systemd:NAME") }
      self = .activated(name: name)
    } else if word.hasPrefix("fd:") {
      let text = word.dropFirst("fd:".count)
      guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
        let number = CInt(text)
      else { throw Endpoint.SyntaxError("'\(word)' is not a descriptor: expected fd:NUMBER") }
      self = .descriptor(number)
    } else {
      return nil
    }
  }

  /// Whether a word names inherited sockets, rightly or not.
  package static func isNamed(by word: String) -> Bool {
    do throws(Endpoint.SyntaxError) { return try Self(word) != nil } catch { return true }
  }
}

extension InheritedSockets: CustomStringConvertible {
  /// The sockets as one word.
  package var description: String {
    switch self {
    case .descriptor(let number): "fd:\(number)"
    case .activated(let name): name.map { "systemd:\($0)" } ?? "systemd"
    }
  }
}
