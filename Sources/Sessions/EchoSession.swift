// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
import Services
import Sockets

/// An echo server over TCP, UDP or both.
package struct EchoSession {
  private var invocation: ServerInvocation
  private let prefix: [UInt8]
  private let protection: ReceiverProtection?
  private let observer: any SessionObserver

  /// Creates a session.
  ///
  /// - Parameters:
  ///   - prefix: The bytes that precede each line or datagram.
  ///   - protection: How datagrams are protected; `nil` for plain ones.
  package init(
    _ invocation: ServerInvocation, prefix: [UInt8], datagrams protection: ReceiverProtection? = nil,
    _ observer: any SessionObserver
  ) {
    var invocation = invocation
    if let protection {
      invocation.reload = protection.reload
      invocation.files.add(protection.files)
    }
    self.invocation = invocation
    self.prefix = prefix
    self.protection = protection
    self.observer = observer
  }

  /// Serves connections until a signal ends the program.
  ///
  /// - Throws: The failure of the session.
  package func serveConnections() throws(Failure) -> SessionOutcome {
    try ServerSession(invocation, observer).run(EchoService(prefix: prefix))
  }

  /// Answers datagrams until a signal ends the program.
  ///
  /// - Throws: The failure of the session.
  package func answerDatagrams() throws(Failure) -> SessionOutcome {
    let access = try AccessControl(invocation.access, reloading: invocation.reload)
    var listening = invocation.listening
    var needs = SandboxNeeds()
    needs.files = invocation.files
    try listening.beginSandbox(needs, on: invocation.endpoint, rereading: access, observer)
    let echo = try datagramEcho(on: invocation.endpoint, access, reportsSkipped: true)
    observer.mayLose()
    let signals = try judging { () throws(IOFailure) in
      try SignalQueue(StreamInvocation.endingSignals, for: access)
    }
    try listening.announce(datagramsAt: echo.locals, observer)
    try judging { () throws(IOFailure) in try echo.run(until: signals) }
    echo.close()
    return .success
  }

  /// Serves connections and answers datagrams, on the same port or on inherited sockets, until a signal ends the program.
  ///
  /// - Throws: The failure of the session.
  package func serveBoth() throws(Failure) -> SessionOutcome {
    var both = self
    both.invocation.listening.isOfBothTypes = true
    let settings = try ServerSession(both.invocation, observer).settings()
    let session = try ServerSession(both.invocation, observer).confined(rereading: settings.access)
    for attempt in 1... {
      let listeners = try session.open(settings)
      let (endpoint, mayRepeat) = Self.datagramEndpoint(invocation.endpoint, beside: listeners[0])
      let echo: DatagramEcho
      do throws(Failure) {
        // An address that the listeners have skipped is reported already.
        echo = try both.datagramEcho(on: endpoint, settings.access, reportsSkipped: false)
      } catch {
        // The kernel chose a port that is free for TCP, but may be in use for UDP.
        guard mayRepeat, attempt < Binder.portAttempts else { throw error }
        continue
      }
      var server = Server(EchoService(prefix: prefix), settings) { [observer] in
        observer.report(connection: $0)
      }
      server.sideline = echo
      defer { echo.close() }
      return try session.run(listeners, server, beside: echo.locals)
    }
    fatalError("the attempts are bounded")
  }

  /// Where to receive datagrams, and whether the kernel would choose another port for the listeners.
  private static func datagramEndpoint(
    _ endpoint: Endpoint, beside listeners: ListenerGroup
  ) -> (Endpoint, mayRepeat: Bool) {
    guard case .internet(let host, let port) = endpoint else { return (endpoint, false) }
    let shared = listeners.local.port.map { "\($0)" } ?? port
    return (.internet(host: host, port: shared), port == "0")
  }

  private func datagramEcho(
    on endpoint: Endpoint, _ access: AccessControl, reportsSkipped: Bool
  ) throws(Failure) -> DatagramEcho {
    let observer = observer
    var binder = invocation.listening.binder(on: endpoint, observer)
    if !reportsSkipped { binder.skipped = { _ in } }
    var settings = DatagramSettings()
    invocation.listening.share(&settings)
    let sockets = DatagramSockets(try binder.receiveDatagrams(with: settings, detail: .everything)) {
      observer.report(datagrams: $0)
    }
    let policy = AccessPolicy(access) { observer.report(connection: $0) }
    return try judging { () throws(IOFailure) in
      if var sessions = protection?.sessions {
        sessions.admits = policy.admits
        try sockets.protect(by: sessions)
      }
      return try DatagramEcho(sockets, prefix: prefix, policy: policy) { observer.report(datagrams: $0) }
    }
  }
}
