// SPDX-License-Identifier: GPL-3.0-or-later

import HTTP
package import Handshakes
package import Sessions
package import Sockets

/// The HTTP proxy that a command line of `ncat` with `-l --proxy-type http` serves.
package struct NcatProxyServer {
  private let options: NcatOptions
  private let user: UserCredentials?

  /// The port of a command line without one.
  package static let usualPort = "3128"

  /// Reads the options; `nil` for a command line that serves no proxy.
  ///
  /// - Parameter environment: The user of the environment, for a command line without one.
  /// - Throws: The usage error if the user has no password.
  package init?(_ options: NcatOptions, environment: String?) throws(NcatTarget.Problem) {
    guard options.servesProxy else { return nil }
    self.options = options
    user = try (options.proxyUser ?? environment).map { (text) throws(NcatTarget.Problem) in
      guard let colon = text.firstIndex(of: ":") else {
        // The original accepts no client then.
        throw .init(text: "Invalid proxy authentication: it must be a user and a password (user:pass).")
      }
      return UserCredentials(
        user: String(text[..<colon]), password: String(text[text.index(after: colon)...]))
    }
  }

  /// What is served, and to whom.
  package var serving: ProxyServing {
    var serving = ProxyServing()
    serving.protocols = .http
    serving.users = user.map { .one($0, realm: Self.realm) }
    serving.style = Self.style
    // Requests are typed by hand, too.
    serving.requestLimit = .seconds(60)
    serving.isOnLoopback = false
    serving.protectsPrivate = false
    return serving
  }

  private static let realm = "Ncat"

  /// How the original speaks HTTP.
  package static var style: HTTPProxyStyle {
    var style = HTTPProxyStyle()
    style.rules.methods = ["GET", "HEAD", "POST"]
    style.rules.acceptsBareLineFeed = true
    style.rules.demandsHost = false
    style.rules.demandsLength = true
    style.answers = .bare
    style.basicChallenge = "Basic realm=\"\(realm)\""
    style.reportsFailuresAsTimeout = true
    return style
  }

  /// The whole server, but for who may connect and how it is protected.
  package func invocation(on endpoint: Endpoint, _ resolver: Resolver) -> ForwardInvocation {
    var invocation = ForwardInvocation(from: endpoint, serving: serving)
    invocation.listening.resolver = resolver
    invocation.connectLimit = options.wait
    invocation.idle = options.idle
    invocation.records = options.records
    // The limit is one of -k, but without it there is any number of clients, too.
    if options.keepsOpen { invocation.maximumConnections = options.maximumConnections }
    invocation.turnsAwayWhenFull = true
    invocation.isEndedBySignal = true
    invocation.grace = .zero
    return invocation
  }
}
