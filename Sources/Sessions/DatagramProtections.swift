// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
package import TLS
import Transport

/// The protection of sent datagrams by DTLS.
package struct SenderProtection {
  /// The protection of a sender's datagrams.
  let sessions: DatagramSender.Protection
  /// What handshakes read and write.
  let files: NeededFiles

  /// The time that a receiver has for the handshake.
  private static let handshakeLimit = Duration.seconds(10)

  /// - Parameter name: The receiver's name for messages.
  /// - Throws: The reason why the library or a file cannot be used.
  package init(
    _ settings: TLSClientSettings, of name: String, _ observer: any SessionObserver
  ) throws(Failure) {
    var settings = settings
    settings.handshakeLimit = Self.handshakeLimit
    let context = try Protection.clientContext(settings, observer)
    files = NeededFiles(of: settings)
    sessions = DatagramSender.Protection(longestMessage: DTLSSession.longestMessage) {
      context.makeSession(with: $0, named: name)
    }
  }
}

/// The protection of received datagrams by DTLS.
package struct ReceiverProtection {
  /// The sessions with senders.
  let sessions: DatagramProtection
  /// Reads the files again, for new sessions; `nil` if there are none.
  let reload: ReloadedFiles?
  /// What handshakes read.
  let files: NeededFiles

  /// - Parameters:
  ///   - connections: The protection of the same server's connections; `nil` if it has none.
  ///   - limit: The maximum number of sessions; `nil` for the usual one.
  ///   - idle: The time without a datagram after which a session ends; `nil` for never.
  /// - Throws: The reason why the library or a file cannot be used.
  package init(
    _ settings: TLSServerSettings, beside connections: Protection? = nil, limit: Int?, idle: Duration?,
    _ observer: any SessionObserver
  ) throws(Failure) {
    files = NeededFiles(of: settings)
    let context = try ServerContext(settings, beside: connections?.context, observer)
    sessions = DatagramProtection(
      by: DTLSAcceptor { context.current }, limit: limit ?? DatagramProtection.usualLimit, idle: idle)
    guard let files = context.reloaded else {
      self.reload = nil
      return
    }
    let other = connections?.reload
    self.reload = ReloadedFiles(files.paths, written: files.written) {
      let event = files.reload()
      guard case .certificateReread = event else { return event }
      return other?.reload() ?? event
    }
  }
}
