// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// The protocols that a proxy serves.
package struct ProxyProtocols: OptionSet, Sendable {
  /// The bits of the set.
  package let rawValue: Int

  /// Creates a set from its bits.
  package init(rawValue: Int) { self.rawValue = rawValue }

  /// SOCKS 4, 4a and 5.
  package static let socks = ProxyProtocols(rawValue: 1)
  /// CONNECT of HTTP.
  package static let http = ProxyProtocols(rawValue: 2)
}

/// What a client has asked a proxy for.
package struct ProxyRequest: Equatable, Sendable {
  /// The protocol of the request, and so that of the reply.
  package enum Form: String, Sendable {
    case socks4
    case socks5
    case http
  }

  /// The protocol.
  package let form: Form
  /// What to connect to.
  package let target: ProxyTarget

  /// Creates a request.
  init(_ form: Form, _ target: ProxyTarget) { (self.form, self.target) = (form, target) }

  /// The reply to the client; the payload follows that of a connection.
  package func reply(_ outcome: ProxyOutcome) -> [UInt8] {
    switch form {
    case .socks4:
      // Rejected or failed: the protocol has no other reason that applies.
      return [0, outcome.socksReply == .granted ? 90 : 91, 0, 0, 0, 0, 0, 0]
    case .socks5:
      var bound = ProxyTarget(.address(.anyIPv4), port: 0)
      if case .connected(.internet(let address, let port)) = outcome {
        bound = ProxyTarget(.address(address.unmapped), port: port)
      }
      return [5, outcome.socksReply.rawValue, 0] + SOCKSAddress.encode(bound)
    case .http:
      let (code, phrase) = outcome.status
      guard code != 200 else { return Array("HTTP/1.1 200 \(phrase)\r\n\r\n".utf8) }
      return Self.refusal(code, phrase, outcome.words)
    }
  }

  /// An answer of HTTP that is no connection.
  ///
  /// - Parameter fields: Further header fields, each with its end.
  static func refusal(_ code: Int, _ phrase: String, _ reason: String, _ fields: String = "") -> [UInt8] {
    let text = "\(reason)\n"
    return Array(
      """
      HTTP/1.1 \(code) \(phrase)\r
      Content-Type: text/plain\r
      Content-Length: \(text.utf8.count)\r
      \(fields)Connection: close\r
      \r
      \(text)
      """.utf8)
  }
}
