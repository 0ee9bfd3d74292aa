// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets
import SystemPackage

/// Serves the connections of an `AcceptLoop`, each in its own process or thread.
protocol ConnectionDispatcher: AnyObject {
  /// Readable when a connection may have ended; `nil` if SIGCHLD reports that.
  var wakeup: FileDescriptor? { get }

  /// Starts to serve a client, and takes ownership of its socket.
  ///
  /// - Parameter leaving: Closes the parent's descriptors in a child process that serves the client.
  /// - Throws: The error for the resource that the system lacks; the socket is then not taken.
  func serve(_ client: inout StreamSocket?, leaving: () -> Void) throws(IOFailure)
  /// Requests the end of connections on which no answer is due.
  func stop()
  /// Returns the number of connections that have ended since the last call.
  func collect() -> Int
  /// Requests the immediate end of connections.
  ///
  /// - Parameter attempt: The number of earlier requests after which connections were left.
  /// - Returns: Whether a request was made, so that waiting for its effect is worthwhile.
  func requestEnd(attempt: Int) -> Bool
  /// Ends the remaining connections.
  func endAll()
}

/// Accepts connections in the main thread, and serves each in its own process or thread.
struct AcceptLoop<Model: ConnectionDispatcher> {
  private let settings: ServerSettings
  private let policy: AccessPolicy
  private let model: Model

  init(_ settings: ServerSettings, _ policy: AccessPolicy, _ model: Model) {
    self.settings = settings
    self.policy = policy
    self.model = model
  }

  /// Accepts until a signal arrives. Then it waits until the remaining connections have ended, the grace period is
  /// over, or a second signal arrives.
  func run(
    _ listeners: ListenerGroup, _ sideline: (any AuxiliarySource)?, until signals: borrowing SignalQueue
  ) throws(IOFailure) {
    let reactor = Reactor.forFew()
    let watchdog = Watchdog(in: reactor)
    defer { withExtendedLifetime(watchdog) {} }
    let limit = ConnectionLimit(settings.maximumConnections)
    let acceptor = Acceptor(policy, on: listeners, within: limit, in: reactor)
    var served = 0
    var isWoken = false
    let watches = try [signals.descriptor, model.wakeup].compactMap { $0 }.map {
      (descriptor) throws(IOFailure) in
      try reactor.register(descriptor, for: .readable) { _ in isWoken = true }
    }
    var sidelineWatches = try (sideline?.descriptors ?? []).map { (descriptor) throws(IOFailure) in
      try reactor.register(descriptor, for: .readable) { (_) throws(IOFailure) in
        try sideline?.attend()
      }
    }
    var graceEnd: Registration?
    try acceptor.start { [unowned acceptor, model] () throws(IOFailure) in
      while true {
        var client = try acceptor.next()
        guard client != nil else { return }
        do throws(IOFailure) {
          try model.serve(&client) {
            listeners.closeInChild()
            sideline?.closeInChild()
          }
          served += 1
        } catch {
          if let client = client.take() { acceptor.putBack(client, because: error) }
        }
      }
    }
    var stops = StopRequests()
    try reactor.run { () throws(IOFailure) in
      guard isWoken else { return }
      isWoken = false
      switch stops.take(from: signals, for: policy) {
      case .goOn: break
      case .finish:
        if sideline?.carriesConnections != true { sidelineWatches = [] }
        acceptor.stopListening()
        model.stop()
        graceEnd = reactor.timer(after: settings.grace) { reactor.stop() }
      case .end:
        acceptor.close()
        reactor.stop()
      }
      // After the signals are read: one SIGCHLD may stand for several children that have ended.
      served -= collect(acceptor)
      if acceptor.isFinished, served == 0 { reactor.stop() }
    }
    acceptor.close()
    (sidelineWatches, graceEnd) = ([], nil)
    try endAll(served, in: reactor, until: signals)
    withExtendedLifetime((watches, sidelineWatches, graceEnd)) {}
  }

  private func collect(_ acceptor: Acceptor) -> Int {
    let count = model.collect()
    for _ in 0..<count { acceptor.giveBack() }
    return count
  }

  /// Ends the remaining connections; the first step is a request.
  private func endAll(
    _ count: Int, in reactor: Reactor, until signals: borrowing SignalQueue
  ) throws(IOFailure) {
    var served = count - model.collect()
    var attempt = 0
    while served > 0, model.requestEnd(attempt: attempt) {
      let end = Deadline.after(StopWakeups.patience)
      while served > 0, !end.hasPassed {
        try reactor.turn(until: end)
        while signals.next() != nil {}
        served -= model.collect()
      }
      attempt += 1
    }
    model.endAll()
  }
}
