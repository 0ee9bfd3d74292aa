// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Reactor
package import Sockets
import SystemPackage
package import Transport

/// Serves the clients of `listen` in one event loop: the settings determine where the clients' bytes go, and what the
/// clients are sent.
///
/// A client that does not read delays the others for a limited time only; a reader of standard output that does not
/// read delays all of them. Neither increases memory use.
package final class Hub {
  private let settings: HubSettings
  private let report: @Sendable (HubEvent) -> Void
  private let policy: AccessPolicy
  private let exchange: HubExchange
  private var acceptor: HubAcceptor
  private let sideline: (any AuxiliarySource)?
  private let reactor: Reactor
  /// Handles the events of all clients.
  private var handler: ReactorAction?
  /// Wakes the hub at its own deadlines.
  private var timer: Registration?
  /// The end of everything, even with clients connected; `never` until the hub is told to stop.
  private var end = Deadline.never
  /// The number of full sinks at the last update of the sockets' interests.
  private var fullCount = 0
  private var outcome: HubOutcome?

  /// The longest time for which a client that reads nothing may delay others.
  private static let patience = Duration.seconds(5)
  /// The interval between two checks of a client that reads nothing.
  private static let stallPause = Duration.seconds(1)

  /// Prepares to serve.
  ///
  /// - Parameters:
  ///   - filters: The filters that the bytes of each client pass through.
  ///   - sideline: What makes the connections; `nil` if the kernel does.
  ///   - report: Called with the events of clients.
  /// - Throws: `EMFILE` and similar errors.
  package init(
    _ settings: HubSettings, _ filters: TrafficFilters, _ policy: AccessPolicy, on listeners: ListenerGroup,
    beside sideline: (any AuxiliarySource)? = nil, report: @escaping @Sendable (HubEvent) -> Void
  ) throws(IOFailure) {
    self.settings = settings
    self.sideline = sideline
    self.report = report
    self.policy = policy
    exchange = HubExchange(settings)
    reactor = try Reactor()
    acceptor = HubAcceptor(settings, filters, policy, on: listeners, in: reactor, report: report)
  }

  /// Serves until everything is over.
  ///
  /// - Throws: A permanent error of a listening socket, or the error of a standard stream or an output file.
  package func run(until signals: borrowing SignalQueue) throws(IOFailure) -> HubOutcome {
    defer { release() }
    do { return try serve(until: signals) } catch {
      // A client must not take the bytes it received for complete, or the bytes it sent for written. A reader that has
      // closed standard output needed no more.
      if error.code != .brokenPipe {
        for client in exchange.clients.all { client.socket.abortOnClose() }
      }
      throw error
    }
  }

  /// Stops watching and accepting.
  private func release() {
    exchange.release()
    acceptor.close()
    for client in exchange.clients.all { client.registration = nil }
    (handler, timer) = (nil, nil)
  }

  private func serve(until signals: borrowing SignalQueue) throws(IOFailure) -> HubOutcome {
    handler = ReactorAction { [unowned self] (event) throws(IOFailure) in try handle(event) }
    timer = reactor.timer(ReactorAction { _ in })
    var isSignalled = false
    let signalWatch = try reactor.register(signals.descriptor, for: .readable) { _ in isSignalled = true }
    let sidelineWatches = try (sideline?.descriptors ?? []).map { (descriptor) throws(IOFailure) in
      try reactor.register(descriptor, for: .readable) { [unowned self] (_) throws(IOFailure) in
        try sideline?.attend()
      }
    }
    defer { withExtendedLifetime(sidelineWatches) {} }
    try acceptor.start { [unowned self] () throws(IOFailure) in try admit() }
    let watchdog = Watchdog(in: reactor)
    defer { withExtendedLifetime(watchdog) {} }
    var stops = StopRequests()
    try settle(at: .now)
    while true {
      try reactor.turn { () throws(IOFailure) in try exchange.readInput(at: .now) }
      try settle(at: .now)
      if isSignalled {
        isSignalled = false
        if settings.isForOne || settings.isEndedBySignal {
          if let signal = signals.next(), !policy.heed(signal) { outcome = .interrupted(by: signal) }
        } else {
          switch stops.take(from: signals, for: policy) {
          case .goOn: break
          case .finish: try stop()
          case .end: end = .now
          }
        }
      }
      if acceptor.isExhausted, exchange.clients.count == 0, outcome == nil, end == .never {
        if settings.isForOne { outcome = .refused } else { try stop() }
      }
      if let outcome = try conclusion() {
        withExtendedLifetime(signalWatch) {}
        return outcome
      }
    }
  }

  // MARK: The loop

  private func handle(_ event: Reactor.Event) throws(IOFailure) {
    guard let client = event.owner as? HubClient, exchange.clients.has(client) else { return }
    if event.readiness.isEmpty {
      try look(at: client, event.now)
    } else {
      try exchange.serve(client, event.readiness)
    }
  }

  private var nextDeadline: Deadline {
    let arrival = acceptor.arrivals == 0 ? settings.arrivalDeadline : .never
    return min(end, settings.limits.deadline, arrival)
  }

  /// Handles the clients with pending events, and then updates what is watched.
  private func settle(at now: Deadline) throws(IOFailure) {
    while let client = exchange.clients.nextMarked() {
      if exchange.clients.has(client) { try settle(client, at: now) }
    }
    try exchange.settle(in: reactor)
    if exchange.fullCount != fullCount {
      fullCount = exchange.fullCount
      for client in exchange.clients.all { try watch(client) }
    }
    timer?.wake(at: nextDeadline)
  }

  private func watch(_ client: HubClient) throws(IOFailure) {
    // Only by conditions that are common to all sockets, so that a change is one for all.
    let reads = client.isHeard && exchange.mayTake(from: client, whileFull: fullCount)
    let writes = client.isFinishing || client.sending.hasPending && client.sending.pauseEnd == nil
    let wanted = client.socket.interest(reading: reads, writing: writes)
    if reads, client.socket.hasBufferedInput {
      reactor.later { [weak self, weak client] () throws(IOFailure) in
        guard let self, let client, exchange.clients.has(client) else { return }
        try exchange.serve(client, .readable)
      }
    }
    do {
      // A hang-up is reported again in every turn.
      if wanted.isEmpty, client.hasHungUp {
        try client.registration?.pause()
      } else {
        try client.registration?.watch(for: wanted)
      }
    } catch {
      // If the kernel lacks memory to watch it, only this client is lost.
      try remove(client, because: .broken(error))
    }
  }

  // MARK: Clients

  /// Accepts waiting clients.
  private func admit() throws(IOFailure) {
    guard let handler else { return }
    while let client = try acceptor.next() {
      let registration = try reactor.register(client.socket.descriptor, for: nil, handler, owner: client)
      registration.closesNext()
      client.registration = registration
      let others = exchange.clients.all.map(\.member)
      exchange.add(client)
      exchange.announce { $0.joined(client.member, others) }
      if settings.isForOne { acceptor.close() }
      try makeRoom()
    }
    if settings.isForOne, let error = acceptor.refusal { outcome = .failed(error) }
  }

  /// Removes a client that has stopped sending, if there are more clients than the limit allows.
  private func makeRoom() throws(IOFailure) {
    guard exchange.clients.count > settings.maximumConnections, !settings.isForOne else { return }
    let idle = exchange.clients.all.filter { !$0.takesRoom }
    let candidates = idle.filter(\.awaitsSupplyOnly)
    let eldest =
      (candidates.isEmpty && exchange.clients.count > 2 * settings.maximumConnections ? idle : candidates)
      .min { ($0.finishedAt ?? .never) < ($1.finishedAt ?? .never) }
    if let eldest { try remove(eldest, because: .evicted) }
  }

  private func settle(_ client: HubClient, at now: Deadline) throws(IOFailure) {
    if let failure = client.sending.recordFailure {
      // The received bytes are passed on, although their recording is incomplete.
      try? exchange.endSink(of: client)
      try? exchange.output?.write()
      throw failure
    }
    if !client.mayReceive, let wait = exchange.inputWait { client.limitInputWait(to: wait, from: now) }
    switch client.settle(endsWithClient: exchange.endsWithClient, at: now) {
    case .orderly? where client.isClosedInOrder(): return try remove(client, because: nil)
    case .orderly?: break
    case .troubled(let problem)?: return try remove(client, because: problem)
    case nil: break
    }
    exchange.clients.count(client)
    if client.sending.isFull, client.nextStallLook == .never { client.nextStallLook = now + Self.patience }
    if client.takesRoom, client.awaitsSupplyOnly, !settings.isForOne {
      client.takesRoom = false
      acceptor.giveBack()
    }
    try watch(client)
    client.registration?.wake(at: client.deadline)
  }

  private func remove(_ client: HubClient, because problem: HubEnding.Problem?) throws(IOFailure) {
    try exchange.endSink(of: client)
    let ending = client.ending(problem)
    if problem != nil, !client.sending.isComplete || problem == .graceExpired && client.mayReceive {
      // A client that is not sent everything, or not received from to its end, must see a reset, even after a
      // half-close.
      client.socket.abortOnClose()
    }
    client.registration = nil
    exchange.clients.remove(client)
    if outcome == nil, end == .never { exchange.announce { $0.left(client.member) } }
    if client.takesRoom { acceptor.giveBack() }
    report(.ended(ending))
    guard settings.isForOne else { return }
    exchange.input?.putBack(ending.report.sent.pending)
    outcome = outcome ?? HubOutcome(of: ending)
  }

  // MARK: Deadlines

  private func look(at client: HubClient, _ now: Deadline) throws(IOFailure) {
    client.look(at: now)
    if client.lineDeadline <= now { exchange.endLine(of: client) }
    exchange.clients.mark(client)
    if client.inputWaitEnd <= now { endInputWait(of: client, at: now) }
    // A client is not idle while nothing is received from it.
    if client.isIdle(at: now) {
      if exchange.mayTake(from: client, whileFull: exchange.fullCount) {
        return try remove(client, because: .idle)
      }
      client.wasHeldUp(at: now)
    }
    guard client.nextStallLook <= now else { return }
    if !client.sending.isFull {
      client.nextStallLook = .never
    } else if client.sending.lastProgress + Self.patience > now {
      client.nextStallLook = client.sending.lastProgress + Self.patience
    } else if exchange.holdsOthersUp(client) {
      try remove(client, because: .stalled(Self.patience))
    } else {
      client.nextStallLook = now + Self.stallPause
    }
  }

  /// Handles the end of the time for which a finished client is kept for an input that has never had a byte.
  private func endInputWait(of client: HubClient, at now: Deadline) {
    guard let wait = exchange.inputWait else { return client.extendInputWait(until: .never) }
    if exchange.isWrittenOut {
      client.supplyEnded(at: now)
    } else {
      client.extendInputWait(until: now + wait)
    }
  }

  // MARK: Shutdown

  /// Stops accepting, and ends the input for the remaining clients.
  private func stop() throws(IOFailure) {
    acceptor.close()
    end = .after(settings.grace)
    exchange.cutInput(at: .now)
    try settle(at: .now)
  }

  /// The outcome, once everything is over.
  private func conclusion() throws(IOFailure) -> HubOutcome? {
    if outcome == nil {
      if settings.limits.deadline.hasPassed { outcome = .late }
      if acceptor.arrivals == 0, settings.arrivalDeadline.hasPassed { outcome = .noClient }
    }
    if case .interrupted? = outcome {
    } else if outcome == nil, end == .never || exchange.clients.count > 0 && !end.hasPassed {
      return nil
    }
    return try finish()
  }

  private func finish() throws(IOFailure) -> HubOutcome? {
    let isInTime = !settings.limits.deadline.hasPassed && !end.hasPassed
    if exchange.clients.count > 0 {
      // Bytes that at least one client has been sent count as sent.
      if !settings.isForOne {
        exchange.input?.putBack(exchange.clients.all.map { $0.sending.flow.pending }.min() ?? 0)
      }
      for client in exchange.clients.all { try remove(client, because: .graceExpired) }
    }
    acceptor.close()
    try exchange.output?.write()
    guard let output = exchange.output, output.count > 0 else {
      try exchange.output?.close()
      return outcome ?? .finished
    }
    if case .interrupted? = outcome { return outcome }
    if isInTime {
      try output.settle(in: reactor)
      return nil
    }
    return .unwritten(output.count)
  }
}

extension HubOutcome {
  /// The outcome of a hub for a single client, from the client's ending.
  fileprivate init(of ending: HubEnding) {
    self =
      switch ending.problem {
      case nil, .graceExpired?, .evicted?, .stalled?: .finished
      case .broken(let error)?, .replyUnreadable(let error)?: .failed(error)
      case .idle?: .idle(ending.peer)
      }
  }
}
