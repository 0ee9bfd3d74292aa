// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
package import Handshakes
import Sockets
import Transport

/// What a proxy serves: clients that ask for a target each.
package struct ProxyServing: Sendable {
  /// The protocols.
  package var protocols: ProxyProtocols = [.socks, .http, .datagrams]
  /// The users, one of whom each client has to be; `nil` for everyone.
  package var users: ProxyUsers?
  /// The targets.
  package var rules = TargetRules()
  /// How HTTP is spoken.
  package var style = HTTPProxyStyle()
  /// The time that a client has for its request.
  package var requestLimit = Duration.seconds(3)
  /// Whether it listens on the loopback addresses if no host is given; otherwise on all addresses.
  package var isOnLoopback = true
  /// Whether addresses of this machine and of private networks have to be allowed by a rule when it listens beyond the
  /// loopback.
  package var protectsPrivate = true

  /// Creates a proxy of all protocols and targets.
  package init() {}

  /// Reads the request of a client.
  var layer: StreamLayer {
    { [protocols, list = users?.list, digest = users?.digest, style, requestLimit] transport in
      HandshakeStream(
        over: transport,
        ProxyRequestReader(from: transport.remote, protocols, users: list, digest: digest, style),
        within: requestLimit)
    }
  }

  /// What the clients of listening addresses are connected to.
  func target(at locals: [Address], through route: ProxyRoute?) -> ForwardTarget {
    var rules = rules
    rules.protectsPrivate =
      protectsPrivate
      && !locals.allSatisfy { local in
        if case .internet(let address, _) = local { address.isLoopback } else { true }
      }
    return .requested(rules, through: route)
  }
}
