// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets
import SystemPackage

/// Serves the connections of an `AcceptLoop` one by one: each in a process or a thread of its own.
protocol ConnectionDispatcher: AnyObject {
  /// Readable when a connection may have ended; `nil` where SIGCHLD reports that.
  var wakeup: FileDescriptor? { get }

  /// Starts to serve a client, and takes its socket.
  ///
  /// - Parameter leaving: Closes the descriptors that belong to the parent, where a child process serves.
  /// - Throws: What the system lacks for it; the socket is left where it is then.
  func serve(_ client: inout StreamSocket?, leaving: () -> Void) throws(SystemError)
  /// Asks that connections end that are owed nothing.
  func stop()
  /// How many connections have ended since the last call.
  func collect() -> Int
  /// Asks that connections end now.
  ///
  /// - Parameter attempt: How often it was asked before without all having ended in time.
  /// - Returns: Whether there is such a request, so that it is worth waiting for what comes of it.
  func requestEnd(attempt: Int) -> Bool
  /// Ends the connections that are left.
  func endAll()
}

/// Accepts connections in the main thread, and has each served in a process or a thread of its own.
struct AcceptLoop<Model: ConnectionDispatcher> {
  private let settings: ServerSettings
  private let policy: AccessPolicy
  private let model: Model

  init(_ settings: ServerSettings, _ policy: AccessPolicy, _ model: Model) {
    self.settings = settings
    self.policy = policy
    self.model = model
  }

  /// Accepts until a signal comes, and then waits for the connections that are left, until they have ended, the grace is
  /// over, or a second signal comes.
  func run(
    _ listeners: ListenerGroup, _ sideline: (any AuxiliarySource)?, until signals: borrowing SignalQueue
  ) throws(SystemError) {
    let reactor = Reactor.forFew()
    let limit = ConnectionLimit(settings.maximumConnections)
    let acceptor = Acceptor(policy, on: listeners, within: limit, in: reactor)
    var served = 0
    var isWoken = false
    let watches = try [signals.number, model.wakeup].compactMap { $0 }.map { (number) throws(SystemError) in
      try reactor.register(number, for: .readable) { _ in isWoken = true }
    }
    var sidelineWatches = try (sideline?.numbers ?? []).map { (number) throws(SystemError) in
      try reactor.register(number, for: .readable) { (_) throws(SystemError) in
        try sideline?.attend()
      }
    }
    var graceEnd: Registration?
    try acceptor.start { [unowned acceptor, model] () throws(SystemError) in
      while true {
        var client = try acceptor.next()
        guard client != nil else { return }
        do throws(SystemError) {
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
    try reactor.run { () throws(SystemError) in
      guard isWoken else { return }
      isWoken = false
      switch stops.take(from: signals, for: policy) {
      case .goOn: break
      case .finish:
        sidelineWatches = []
        acceptor.stopListening()
        model.stop()
        graceEnd = reactor.timer(after: settings.grace) { reactor.stop() }
      case .end:
        acceptor.close()
        reactor.stop()
      }
      // After the signals are taken: one that a child has ended stands for all that have.
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

  /// Ends the connections that are left, by a request at first.
  private func endAll(
    _ count: Int, in reactor: Reactor, until signals: borrowing SignalQueue
  ) throws(SystemError) {
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
