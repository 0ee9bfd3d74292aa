// SPDX-License-Identifier: GPL-3.0-or-later

package import HTTP
package import Sockets

/// The protocols that a proxy serves.
package struct ProxyProtocols: OptionSet, Sendable {
  /// The bits of the set.
  package let rawValue: Int

  /// Creates a set from its bits.
  package init(rawValue: Int) { self.rawValue = rawValue }

  /// SOCKS 4, 4a and 5.
  package static let socks = ProxyProtocols(rawValue: 1)
  /// HTTP.
  package static let http = ProxyProtocols(rawValue: 2)
  /// The datagrams of SOCKS 5.
  package static let datagrams = ProxyProtocols(rawValue: 4)
}

/// What a client has asked a proxy for.
package struct ProxyRequest: Equatable, Sendable {
  /// The protocol of the request, and so that of the reply.
  package enum Form: String, Sendable {
    case socks4
    case socks5
    case http
  }

  /// What is to be done.
  package enum Action: Equatable, Sendable {
    /// Connect to the target, and pass bytes on.
    case connect(ProxyTarget)
    /// Connect to the target, pass a request of HTTP on, and its answer back.
    case exchange(ProxyTarget, HTTPForwardedRequest)
    /// Relay datagrams for the client, which sends them from this address, as long as the connection lasts.
    case associate(ProxyTarget)
    /// Nothing: the request is refused with this answer, because of this failure.
    case refuse([UInt8], IOFailure)
  }

  /// The protocol.
  package let form: Form
  /// What is to be done.
  package let action: Action
  /// The user whose password was verified; `nil` if none was asked for.
  package var user: String?

  /// The style of the replies of HTTP.
  private let style: HTTPProxyStyle

  /// Creates a request.
  init(_ form: Form, _ action: Action, _ style: HTTPProxyStyle = HTTPProxyStyle()) {
    (self.form, self.action, self.style) = (form, action, style)
  }

  /// What to connect to, if anything.
  package var target: ProxyTarget? {
    switch action {
    case .connect(let target), .exchange(let target, _): target
    case .associate, .refuse: nil
    }
  }

  /// The reply to the client; the payload follows that of a connection. There is none to a request of HTTP that is
  /// passed on: the reply is that of the origin server.
  package func reply(_ outcome: ProxyOutcome) -> [UInt8] {
    switch form {
    case .socks4:
      // Rejected or failed: the protocol has no other reason that applies.
      return Self.socks4(outcome.socksReply == .granted ? 90 : 91)
    case .socks5:
      var bound = ProxyTarget(.address(.anyIPv4), port: 0)
      if case .connected(.internet(let address, let port)) = outcome {
        bound = ProxyTarget(.address(address.unmapped), port: port)
      }
      return Self.socks5(outcome.socksReply, bound)
    case .http:
      guard case .connected = outcome else { return style.refusal(outcome) }
      if case .exchange = action { return [] }
      return style.acceptance
    }
  }

  /// A reply of SOCKS 4.
  static func socks4(_ code: UInt8) -> [UInt8] { [0, code, 0, 0, 0, 0, 0, 0] }

  /// A reply of SOCKS 5.
  static func socks5(
    _ reply: SOCKSReply, _ bound: ProxyTarget = ProxyTarget(.address(.anyIPv4), port: 0)
  ) -> [UInt8] {
    [5, reply.rawValue, 0] + SOCKSAddress.encode(bound)
  }
}
