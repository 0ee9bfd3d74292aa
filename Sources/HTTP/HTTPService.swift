// SPDX-License-Identifier: GPL-3.0-or-later

import Services
package import Sockets

/// A small web server: GET and HEAD of what its content has (RFC 9110 and RFC 9112).
///
/// A client that is answered with an error that ends the connection may still be sending. Whoever drives the
/// session has to half-close and read on for a moment, or the answer is lost in a reset (RFC 9112, section 9.6).
package struct HTTPService: StreamService {
  private let content: HTTPContent
  private let limits: HTTPLimits
  private let log: @Sendable (AccessLogEntry) -> Void

  /// Creates the service.
  ///
  /// - Parameters:
  ///   - content: What there is.
  ///   - limits: How much a client may send.
  ///   - log: Is told of each answer, from whatever thread serves the client.
  package init(
    _ content: HTTPContent, limits: HTTPLimits = HTTPLimits(),
    log: @escaping @Sendable (AccessLogEntry) -> Void = { _ in }
  ) {
    self.content = content
    self.limits = limits
    self.log = log
  }

  /// Where a browser finds a server that listens at an address; `nil` for a Unix socket, which browsers do not know.
  package static func url(at address: Address) -> String? {
    guard case .internet(let host, let port) = address else { return nil }
    let authority = host.isAny ? "localhost:\(port)" : "\(address)"
    // RFC 6874: the zone of a link-local address.
    let encoded = authority.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%25")
    return "http://\(port == 80 ? String(encoded.dropLast(3)) : encoded)/"
  }

  /// Begins a session.
  package func makeSession(for client: Address) -> HTTPSession {
    HTTPSession(with: client, about: HTTPResponder(content), limits: limits, log: log)
  }
}
