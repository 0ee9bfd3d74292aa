// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
import Sockets
package import TLS
package import Transport

/// The protection of a session's connections by TLS.
package struct Protection: Sendable {
  /// Creates the protected stream over a connection.
  package let makeStream: StreamMaking
  /// The certificate that peers see; `nil` for none.
  package let identity: CertificateSummary?

  /// The protection of connections to a server.
  ///
  /// - Parameter name: The server's name for messages.
  /// - Throws: The reason why the library or a file cannot be used.
  package static func client(
    _ settings: TLSClientSettings, of name: String, _ observer: any SessionObserver
  ) throws(Failure) -> Protection {
    let context = try judging { () throws(IOFailure) in
      try TLSContext(client: settings) { observer.report(tls: $0) }
    }
    if !settings.isVerified {
      observer.note(
        "the server is not verified (--insecure): anyone on the way can read and change the bytes")
    }
    return Protection(context, named: name)
  }

  /// The protection of connections from clients.
  ///
  /// - Throws: The reason why the library or a file cannot be used.
  package static func server(
    _ settings: TLSServerSettings, _ observer: any SessionObserver
  ) throws(Failure) -> Protection {
    let context = try judging { () throws(IOFailure) in
      try TLSContext(server: settings) { observer.report(tls: $0) }
    }
    if settings.selfSignedNames != nil, let identity = context.identity {
      observer.note(
        "new certificate for \(identity.plainNames.joined(separator: ", ")); clients verify it with --tls-pin \(identity.pin)"
      )
    }
    return Protection(context, named: nil)
  }

  private init(_ context: TLSContext, named name: String?) {
    identity = context.identity
    makeStream = { socket, acknowledged in
      context.makeStream(over: SocketStream(socket, acknowledged: acknowledged), named: name)
    }
  }
}

extension StreamInvocation {
  /// Protects the connections, if there is a protection.
  package mutating func protect(_ protection: Protection?) {
    guard let protection else { return }
    makeStream = protection.makeStream
    isProtected = true
  }
}

extension ForwardInvocation {
  /// Protects the connections on each side that has a protection.
  package mutating func protect(clients: Protection?, target: Protection?) {
    if let clients { makeClientStream = clients.makeStream }
    if let target { makeTargetStream = target.makeStream }
  }
}

extension SessionObserver {
  /// Reports an event of a TLS connection.
  fileprivate func report(tls event: TLSEvent) {
    switch event {
    case .established(let summary, let peer): report(.secured(summary, peer: peer))
    case .failed(let failure, let peer): report(.securingFailed(failure, peer: peer))
    }
  }
}
