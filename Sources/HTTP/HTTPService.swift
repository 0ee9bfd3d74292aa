// SPDX-License-Identifier: GPL-3.0-or-later

import Services
package import Sockets

/// A small web server: GET and HEAD for its content (RFC 9110 and RFC 9112).
///
/// A client whose connection is ended with an error may still be sending. The server model must half-close and read for
/// a while (lingering close); otherwise a reset may destroy the answer (RFC 9112, section 9.6).
package struct HTTPService: StreamService {
  private let responder: HTTPResponder
  private let limits: HTTPLimits
  private let log: @Sendable (AccessLogEntry) -> Void

  /// Creates the service.
  ///
  /// - Parameters:
  ///   - content: The content.
  ///   - settings: How it answers.
  ///   - log: Called for each answer, in the thread that serves the client.
  package init(
    _ content: HTTPContent, _ settings: HTTPSettings = HTTPSettings(),
    log: @escaping @Sendable (AccessLogEntry) -> Void = { _ in }
  ) {
    responder = HTTPResponder(content, settings)
    limits = settings.limits
    self.log = log
  }

  /// The URLs of a server that listens at an address; none for a Unix socket, which browsers do not support.
  ///
  /// - Parameters:
  ///   - own: The addresses of this machine: one that listens on every interface is reached under each.
  ///   - isSecure: Whether it is served over TLS.
  package static func urls(at address: Address, own: [IPAddress] = [], isSecure: Bool = false) -> [String] {
    func url(_ authority: String, _ port: UInt16) -> String { Self.url(authority, port, isSecure) }
    guard case .internet(let host, let port) = address else { return [] }
    guard host.isAny else { return [url("\(address)", port)] }
    let reachable = own.filter { other in
      // A link-local address has another zone on each machine, and browsers accept none.
      if case .ipv6(_, let zone) = other { return zone == 0 && host.family == .ipv6 && !other.isLoopback }
      return !other.isLoopback
    }
    return [url("localhost:\(port)", port)]
      + reachable.map { url("\(Address.internet($0, port: port))", port) }
  }

  private static func url(_ authority: String, _ port: UInt16, _ isSecure: Bool) -> String {
    let scheme: (name: String, port: UInt16) = isSecure ? ("https", 443) : ("http", 80)
    let suffix = ":\(scheme.port)"
    // RFC 6874: the zone of a link-local address.
    let encoded = authority.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%25")
    return "\(scheme.name)://\(port == scheme.port ? String(encoded.dropLast(suffix.count)) : encoded)/"
  }

  /// Starts a session.
  package func makeSession(for client: Address) -> HTTPSession {
    HTTPSession(with: client, about: responder, limits: limits, log: log)
  }
}
