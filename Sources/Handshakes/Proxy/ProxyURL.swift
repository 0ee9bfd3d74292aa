// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import Text

/// The URL of a proxy: `SCHEME://[USER[:PASSWORD]@]HOST[:PORT]`; without a scheme it is that of an HTTP proxy.
package struct ProxyURL: Equatable, Sendable {
  /// The protocol that the proxy speaks.
  package enum Scheme: String, CaseIterable, Sendable {
    case http
    case https
    case socks4
    case socks4a
    case socks5
    case socks5h

    /// The port of a URL without one.
    var defaultPort: UInt16 {
      switch self {
      case .http: 3128
      case .https: 443
      case .socks4, .socks4a, .socks5, .socks5h: 1080
      }
    }

    /// Whether the protocol can relay datagrams.
    package var relaysDatagrams: Bool { self == .socks5 || self == .socks5h }
  }

  /// Why a text is not the URL of a proxy.
  package struct SyntaxError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong, and what is accepted.
    package let description: String
  }

  /// The protocol.
  package let scheme: Scheme
  /// The host, an IPv6 address without brackets.
  package let host: String
  /// The port.
  package let port: UInt16
  /// The user; `nil` for none.
  package let user: String?
  /// The password; `nil` for none.
  package let password: String?

  /// The endpoint of the proxy.
  package var endpoint: Endpoint { .internet(host: host, port: "\(port)") }

  /// Parses a URL.
  package init(_ text: String) throws(SyntaxError) {
    let (name, authority) = Self.split(text)
    guard let scheme = Scheme(rawValue: name?.lowercased() ?? "http") else {
      let names = Scheme.allCases.map(\.rawValue).joined(separator: ", ")
      throw SyntaxError(description: "'\(Self.shown(text))': the scheme must be one of \(names)")
    }
    self.scheme = scheme
    var rest = authority
    if rest.last == "/" { rest.removeLast() }
    var (user, password): (String?, String?) = (nil, nil)
    if let at = rest.lastIndex(of: "@") {
      let words = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      rest = rest[rest.index(after: at)...]
      user = try Self.decoded(words[0], of: text)
      password = words.count > 1 ? try Self.decoded(words[1], of: text) : nil
    }
    (self.user, self.password) = (user, password)
    let endpoint: Endpoint
    do {
      // A port is needed only where it differs from that of the scheme.
      let lacksPort = rest.hasSuffix("]") || !rest.contains(":")
      guard !rest.isEmpty, !rest.contains(where: { "/?#".contains($0) }) else {
        throw Endpoint.SyntaxError("the host is missing")
      }
      endpoint = try Endpoint(lacksPort ? "\(rest):\(scheme.defaultPort)" : String(rest))
    } catch {
      throw SyntaxError(
        description: "'\(Self.shown(text))' is not the URL of a proxy: expected SCHEME://[USER@]HOST[:PORT]")
    }
    guard case .internet(let host?, let port) = endpoint, let number = UInt16(port), number > 0 else {
      throw SyntaxError(description: "'\(Self.shown(text))': a host and the number of a port are required")
    }
    (self.host, self.port) = (host, number)
  }

  /// The text without user and password, which do not belong in messages.
  private static func shown(_ text: String) -> String {
    let (scheme, authority) = split(text)
    guard let at = authority.lastIndex(of: "@") else { return text }
    return (scheme.map { "\($0)://" } ?? "") + authority[authority.index(after: at)...]
  }

  /// The scheme, if there is one, and what is behind it.
  private static func split(_ text: String) -> (scheme: Substring?, authority: Substring) {
    guard let start = text.indices.first(where: { text[$0...].hasPrefix("://") }) else {
      return (nil, text[...])
    }
    return (text[..<start], text[start...].dropFirst(3))
  }

  private static func decoded(_ word: Substring, of text: String) throws(SyntaxError) -> String {
    guard let bytes = PercentEncoding.decode(Array(word.utf8)[...]),
      let decoded = String(validating: bytes, as: UTF8.self), !decoded.utf8.contains(where: { $0 < 32 })
    else {
      throw SyntaxError(description: "'\(shown(text))': user and password are not percent-encoded text")
    }
    return decoded
  }
}
