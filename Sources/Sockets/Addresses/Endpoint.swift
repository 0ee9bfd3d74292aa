// SPDX-License-Identifier: GPL-3.0-or-later

/// The endpoint that a user names to connect to or to bind: a host and a port, a Unix socket, or a port of a virtual machine.
package enum Endpoint: Hashable, Sendable {
  /// A host (`nil`: every interface, for a server) and a port number or service name.
  case internet(host: String?, port: String)
  /// A socket file, or with a leading `@` a name in the abstract namespace.
  case unix(String)
  /// A port of a virtual machine or of its host.
  case vsock(VsockAddress)
  /// Sockets that another process has opened. They are only for listening and receiving, and only `init(listening:)`
  /// reads them.
  case inherited(InheritedSockets)

  /// Whether it has the name of a host, which has to be looked up.
  package var isNamed: Bool {
    if case .internet(let host?, _) = self { IPAddress(host) == nil } else { false }
  }

  /// The reason why words do not name an endpoint.
  package struct SyntaxError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The offending words and what is accepted.
    package let description: String

    /// Creates an error that states what is accepted.
    package init(_ description: String) { self.description = description }
  }

  /// Reads one word, `HOST:PORT`, `[IPV6]:PORT`, `:PORT`, `PORT`, `unix:PATH` or `vsock:CID:PORT`.
  ///
  /// A word without a colon is a port with no host.
  package init(_ word: String) throws(SyntaxError) {
    if word.hasPrefix("unix:") {
      let path = String(word.dropFirst("unix:".count))
      guard !path.isEmpty, path != "@" else { throw SyntaxError("'\(word)' has no path") }
      self = .unix(path)
      return
    }
    if word.hasPrefix(VsockAddress.beginning) {
      self = .vsock(try VsockAddress(word))
      return
    }
    if word.hasPrefix("["), let bracket = word.lastIndex(of: "]") {
      let rest = word[word.index(after: bracket)...]
      let host = String(word[word.index(after: word.startIndex)..<bracket])
      guard rest.hasPrefix(":"), rest.count > 1, !host.isEmpty else {
        throw SyntaxError("'\(word)' has no port: expected [IPV6]:PORT")
      }
      self = .internet(host: host, port: try Self.port(rest.dropFirst()))
      return
    }
    try Self.refuseLookalikes(word)
    let parts = word.split(separator: ":", omittingEmptySubsequences: false)
    switch parts.count {
    case 1: self = .internet(host: nil, port: try Self.port(word))
    case 2:
      self = .internet(host: parts[0].isEmpty ? nil : String(parts[0]), port: try Self.port(parts[1]))
    default: throw SyntaxError("'\(word)' is ambiguous: write an IPv6 address as [IPV6]:PORT or IPV6 PORT")
    }
    guard case .internet(let host, let port) = self, !port.isEmpty else {
      throw SyntaxError("'\(word)' has no port")
    }
    if let host { try Self.refuseNumber(host) }
  }

  /// Refuses a number that is not a port. A service name is accepted: checking it takes a look-up. So is an empty text:
  /// the caller reports a missing port better.
  private static func port(_ text: some StringProtocol) throws(SyntaxError) -> String {
    guard !text.isEmpty else { return "" }
    do { _ = try Resolver.portNumber(String(text)) } catch { throw SyntaxError("\(error)") }
    return String(text)
  }

  /// Reads the words of a command line: one as above, or `HOST PORT`.
  package init(_ words: [String]) throws(SyntaxError) {
    switch words.count {
    case 1: try self.init(words[0])
    case 2:
      // An empty host may come from an unset variable: listening on every interface would then admit unintended peers.
      guard !words[0].isEmpty else { throw SyntaxError("the host is empty") }
      guard !words[1].isEmpty else { throw SyntaxError("the port is empty") }
      guard !Self.isWhole(words[0]) else { throw SyntaxError("'\(words[0])' takes no port") }
      try Self.refuseLookalikes(words[0])
      try Self.refuseNumber(words[0])
      self = .internet(host: Self.unbracketed(words[0]), port: try Self.port(words[1]))
    default:
      throw SyntaxError("expected HOST PORT, HOST:PORT, [IPV6]:PORT, unix:PATH or vsock:CID:PORT")
    }
  }

  /// Whether a word names an endpoint of another family than IP, rightly or not, and so takes no port after it.
  package static func isWhole(_ word: String) -> Bool {
    word.hasPrefix("unix:") || word.hasPrefix(VsockAddress.beginning)
  }

  /// Reads the words of a command line that name where to listen: as above, or `systemd`, `systemd:NAME` or `fd:N`.
  package init(listening words: [String]) throws(SyntaxError) {
    if words.count == 1, let sockets = try InheritedSockets(words[0]) {
      self = .inherited(sockets)
    } else {
      try self.init(words)
    }
  }

  /// Refuses a URL or a path pasted instead of an address; a later error could not explain it as well.
  private static func refuseLookalikes(_ word: String) throws(SyntaxError) {
    if word.includes("://") { throw SyntaxError("'\(word)' is a URL: expected HOST PORT or HOST:PORT") }
    if word.hasPrefix("/") || word.hasPrefix("./") {
      throw SyntaxError("'\(word)' is a path: a Unix socket is unix:PATH")
    }
  }

  /// Refuses a port instead of a host: the resolver would turn 5000 into 0.0.19.136, which no host can have.
  private static func refuseNumber(_ host: String) throws(SyntaxError) {
    guard let number = UInt16(host), number > 0 else { return }
    throw SyntaxError("'\(host)' is a port without a host: expected HOST PORT or HOST:PORT")
  }

  private static func unbracketed(_ host: String) -> String {
    host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
  }
}

extension Endpoint {
  /// Whether the port is 0, which can be bound (the kernel chooses one) but not connected to.
  package var isPortZero: Bool {
    switch self {
    case .internet(_, let port): UInt16(port) == 0
    case .vsock(let address): address.port == 0
    case .unix, .inherited: false
    }
  }
}

extension Endpoint {
  /// What kind of socket it is, for messages about options of IP; `nil` if it is one of IP, or if it is not known.
  package var kindBesidesIP: String? {
    switch self {
    case .unix: "a Unix socket"
    case .vsock: "a vsock socket"
    case .internet, .inherited: nil
    }
  }
}

extension Endpoint: CustomStringConvertible {
  /// The endpoint as one word.
  package var description: String {
    switch self {
    case .internet(let host, let port):
      guard let host else { return ":\(port)" }
      return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): return "unix:\(path)"
    case .vsock(let address): return "\(address)"
    case .inherited(let sockets): return "\(sockets)"
    }
  }
}
