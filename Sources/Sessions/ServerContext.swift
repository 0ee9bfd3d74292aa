// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import Synchronization
import TLS

/// What the new connections of a server share, which a reload of its files replaces.
final class ServerContext: Sendable {
  private let context: Guarded<TLSContext>
  private let files: (read: [String], written: [String])
  private let load: @Sendable () throws(IOFailure) -> TLSContext
  /// Whether the certificate is one of the files: a new one of its own would have another pin after a reload.
  private let hasFiles: Bool
  /// Tells why clients may refuse the certificate of a context; called with each new one.
  private let warn: @Sendable (TLSContext) -> Void

  /// - Parameter other: The context of other connections of the server, whose new certificate this one presents too.
  /// - Throws: The reason why the library or a file cannot be used.
  init(
    _ settings: TLSServerSettings, beside other: ServerContext? = nil, _ observer: any SessionObserver
  ) throws(Failure) {
    let shared = other?.current
    let load: @Sendable () throws(IOFailure) -> TLSContext = { () throws(IOFailure) in
      try TLSContext(server: settings, beside: shared) { observer.report(tls: $0) }
    }
    let first = try judging(load)
    context = Guarded(first)
    self.load = load
    files = (
      settings.common.paths + (settings.staple.map { [$0] } ?? []), settings.common.keyLog.map { [$0] } ?? []
    )
    hasFiles = settings.selfSignedNames == nil
    // The other context has the same certificate, and has told it.
    let isTold = other != nil
    warn = { context in
      if !isTold, let warning = context.stapleWarning { observer.report(.stapleDoubtful(warning)) }
    }
    warn(first)
    guard !hasFiles, other == nil, let identity = first.identity else { return }
    observer.report(.certificateMade(identity))
  }

  /// The present one.
  var current: TLSContext { context.withLock { $0 } }

  /// The files, which are read again for new connections; `nil` if there are none.
  var reloaded: ReloadedFiles? {
    hasFiles ? ReloadedFiles(files.read, written: files.written) { self.reload() } : nil
  }

  private func reload() -> ServerEvent {
    do throws(IOFailure) {
      let renewed = try load()
      context.withLock { $0 = renewed }
      warn(renewed)
      return .certificateReread
    } catch {
      return .certificateKept(because: Failure(error))
    }
  }
}
