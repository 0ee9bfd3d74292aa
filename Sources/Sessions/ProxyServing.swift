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
  package var users: UserFile?
  /// The targets.
  package var rules = TargetRules()

  /// The time that a client has for its request.
  private static let requestLimit = Duration.seconds(3)

  /// Creates a proxy of all protocols and targets.
  package init() {}

  /// Reads the request of a client.
  var layer: StreamLayer {
    { [protocols, users] transport in
      HandshakeStream(
        over: transport, ProxyRequestReader(from: transport.remote, protocols, users: users?.list),
        within: Self.requestLimit)
    }
  }

  /// What the clients of listening addresses are connected to.
  ///
  /// Beyond the loopback, addresses of this machine and of private networks have to be allowed by a rule.
  func target(at locals: [Address], through route: ProxyRoute?) -> ForwardTarget {
    var rules = rules
    rules.protectsPrivate = !locals.allSatisfy { local in
      if case .internet(let address, _) = local { address.isLoopback } else { true }
    }
    return .requested(rules, through: route)
  }
}
