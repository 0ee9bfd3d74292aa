// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
package import Handshakes
package import Sockets
package import TLS
package import Transport

/// The protection of a session's connections by TLS.
package struct Protection: Sendable {
  /// Creates the protected stream over a plain one.
  package let protect: StreamLayer
  /// Reads the files again, for new connections; `nil` if there are none, or for a client.
  package let reload: ReloadedFiles?
  /// What the connections of a server share; `nil` for a client.
  let context: ServerContext?
  /// What handshakes read and write.
  let files: NeededFiles

  /// The protection of connections to a server.
  ///
  /// - Parameters:
  ///   - name: The server's name for messages; `nil` for its address.
  ///   - service: The protocol in which the server is asked for TLS; `nil` if the connection begins with TLS.
  ///   - established: Called once a handshake is complete, from any thread.
  /// - Throws: The reason why the library or a file cannot be used.
  package static func client(
    _ settings: TLSClientSettings, of name: String?, startedBy service: StartTLSProtocol? = nil,
    _ observer: any SessionObserver,
    established: @escaping @Sendable (TLSSummary, Address) -> Void = { _, _ in }
  ) throws(Failure) -> Protection {
    let context = try clientContext(settings, observer, established: established)
    let files = NeededFiles(of: settings)
    guard let service else { return Protection(context, named: name, files) }
    let dialogue = StartTLS(
      service, with: name ?? settings.name, server: settings.name, client: SystemInventory.hostName)
    return Protection(context, named: name, files) { transport in
      let stream = HandshakeStream(over: transport, dialogue)
      if observer.isVerbose {
        let transcript = DialogueTranscript(of: transport.remote, observer)
        stream.observeHandshake { transcript.report($1, $0) }
      }
      return stream
    }
  }

  /// The protection of connections from clients.
  ///
  /// - Throws: The reason why the library or a file cannot be used.
  package static func server(
    _ settings: TLSServerSettings, _ observer: any SessionObserver
  ) throws(Failure) -> Protection {
    let context = try ServerContext(settings, observer)
    return Protection(
      protect: { context.current.makeStream(over: $0) }, reload: context.reloaded, context: context,
      NeededFiles(of: settings))
  }

  /// Creates the context of a client's connections, and warns if the server is not verified.
  static func clientContext(
    _ settings: TLSClientSettings, _ observer: any SessionObserver,
    established: @escaping @Sendable (TLSSummary, Address) -> Void = { _, _ in }
  ) throws(Failure) -> TLSContext {
    let context = try judging { () throws(IOFailure) in
      try TLSContext(client: settings) {
        observer.report(tls: $0)
        if case .established(let summary, let peer) = $0 { established(summary, peer) }
      }
    }
    if !settings.isVerified {
      observer.note(
        "the server is not verified (--insecure): anyone on the way can read and change the bytes")
    }
    return context
  }

  private init(
    protect: @escaping StreamLayer, reload: ReloadedFiles?, context: ServerContext?, _ files: NeededFiles
  ) {
    self.protect = protect
    self.reload = reload
    self.context = context
    self.files = files
  }

  /// - Parameter prepare: Creates the stream below that of TLS.
  private init(
    _ context: TLSContext, named name: String?, _ files: NeededFiles,
    prepare: @escaping StreamLayer = { $0 }
  ) {
    self.init(
      protect: { context.makeStream(over: prepare($0), named: name) }, reload: nil, context: nil, files)
  }
}

extension StreamInvocation {
  /// Protects the connections, if there is a protection.
  package mutating func protect(_ protection: Protection?) {
    guard let protection else { return }
    layers.protect = protection.protect
    reload = protection.reload
    files.add(protection.files)
  }
}

extension ServerInvocation {
  /// Protects the connections, if there is a protection.
  package mutating func protect(_ protection: Protection?) {
    guard let protection else { return }
    layers.protect = protection.protect
    reload = protection.reload
    files.add(protection.files)
  }
}

extension ForwardInvocation {
  /// Protects the connections on each side that has a protection.
  package mutating func protect(clients: Protection?, target: Protection?) {
    if let clients {
      clientLayers.protect = clients.protect
      reload = clients.reload
      files.add(clients.files)
    }
    protectTarget = target?.protect
    if let target { files.add(target.files) }
  }
}

extension SessionObserver {
  /// Reports an event of a TLS connection.
  func report(tls event: TLSEvent) {
    switch event {
    case .established(let summary, let peer): report(.secured(summary, peer: peer))
    case .failed(let failure, let peer): report(.securingFailed(failure, peer: peer))
    }
  }
}
