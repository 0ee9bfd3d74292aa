// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import Transport

/// Begins a DTLS session with each client that proves by a cookie that it receives at its address.
package final class DTLSAcceptor: DatagramSessionAcceptor {
  private let context: () -> TLSContext
  /// The session that the next client gets; no client without a cookie costs another one.
  private var next: DTLSSession?

  /// - Parameter context: What new sessions share, which may be renewed.
  package init(in context: @escaping () -> TLSContext) { self.context = context }

  package func accept(
    _ datagram: Span<UInt8>, from peer: Address, send: ([UInt8]) -> Void
  ) -> (any DatagramSession)? {
    let context = context()
    let session: DTLSSession
    if let next, next.context === context {
      session = next
    } else {
      session = DTLSSession(in: context, with: peer, named: "\(peer)")
    }
    let isProven = session.listen(to: datagram, from: peer)
    next = isProven ? nil : session
    session.takeDatagrams().forEach(send)
    return isProven ? session : nil
  }
}

extension TLSContext {
  /// Creates a session with a server, before its handshake.
  ///
  /// - Parameter name: The server's name for messages.
  package func makeSession(with remote: Address, named name: String) -> any DatagramSession {
    DTLSSession(in: self, with: remote, named: name)
  }
}
