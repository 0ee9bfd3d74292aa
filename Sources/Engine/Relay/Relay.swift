// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
package import Sockets
import SystemPackage
package import Transport

/// Carries bytes between a local input and output and a peer, in both directions at once, until its rules end it.
///
/// A slow side affects the other only through back-pressure: bytes that have not been passed on prevent further reads,
/// so memory use is bounded.
package final class Relay {
  /// The result of a relay.
  package struct Report: Equatable, Sendable {
    /// How it ended.
    package let outcome: RelayRules.Outcome
    /// The direction to the peer.
    package let sent: TransferCounters
    /// The direction from the peer.
    package let received: TransferCounters
    /// The time from the start to the end.
    package let duration: Duration
  }

  private let input: any ByteSource
  private let output: any ByteSink
  private let peer: any ByteStream
  private let limits: ConnectionLimits
  private let monitor: (any ProgressObserver)?
  /// A further participant in the decision when the relay ends, such as a command; it is of no use once the peer is
  /// gone.
  package var bystander: (any CompletionSource)?
  private var isPeerWatched = true
  private var rules: RelayRules
  private let control = ControlQueue()
  private let outgoing: Copier
  private let incoming: Copier
  private let reactor = Reactor.forFew()
  private var inputWatch: Watch
  private let outputWatch: Watch
  private let peerWatch: Watch
  /// Whether the end of the sent stream has still to be passed on, once the peer is ready for it.
  private var isFinishing = false
  /// The result of the last wait.
  private var peerReadiness: Readiness = []
  private var lastMove = Deadline.now
  private var delivery = DeliveryCheck()

  /// The longest time that the peer may take to accept the end of the stream.
  private static let closingTime = Duration.seconds(5)
  /// The number of bytes of a file that are sent before the other direction has its turn.
  private static let fileBudget = 4 << 20
  /// The number of bytes that are copied through memory at once.
  private static let bufferSize = 256 << 10

  /// Prepares to relay.
  ///
  /// - Parameter filters: The filters that the bytes pass through. Reports count the payload, as the input provides it
  ///   and the output receives it, without the bytes that filters add or remove.
  /// - Throws: `EMFILE` and similar errors.
  package init(
    input: any ByteSource, output: any ByteSink, peer: any ByteStream, policy: RelayPolicy,
    limits: ConnectionLimits = ConnectionLimits(), filters: TrafficFilters = TrafficFilters(),
    monitor: (any ProgressObserver)? = nil
  ) throws(IOFailure) {
    self.input = input
    self.output = policy.directions == .sendOnly ? DiscardingSink() : output
    self.peer = peer
    self.limits = limits
    self.monitor = monitor
    var policy = policy
    if !peer.hasHalfClose { policy.halfClosesUnused = false }
    rules = RelayRules(policy)
    let resources = CopyResources(size: Self.bufferSize, pipes: 2, fileBudget: Self.fileBudget)
    let recording = filters.recording
    let sending = filters.needSentBytes ? SendingFilters(filters, recording, answering: control) : nil
    outgoing = Copier(
      from: input, to: peer, with: resources, rate: sending == nil ? filters.rate : nil, coalesces: true,
      sending: sending)
    incoming = Copier(
      from: peer, to: self.output, with: resources, coalesces: policy.receiveLimit == nil,
      limit: policy.receiveLimit, sending: filters.ofOutput,
      receiving: filters.needReceivedBytes ? ReceivingFilters(filters, recording, answering: control) : nil)
    inputWatch = try Watch(input.descriptor, in: reactor)
    outputWatch = try Watch(self.output.descriptor, in: reactor)
    peerWatch = try Watch(peer.descriptor, in: reactor)
  }

  /// Relays until the relay is over, or until one of `signals` arrives that the input does not handle.
  ///
  /// - Throws: The error of a local stream or of the wait itself; a failure of the connection is an outcome.
  package func run(until signals: borrowing SignalQueue) throws(IOFailure) -> Report {
    let start = Deadline.now
    lastMove = start
    let watchdog = Watchdog(in: reactor)
    defer { withExtendedLifetime(watchdog) {} }
    let signalWatch = try Watch(signals.descriptor, for: .readable, in: reactor)
    let wakeupWatch = try bystander?.wakeup.map { (wakeup) throws(IOFailure) in
      try Watch(wakeup, for: .readable, in: reactor)
    }
    while true {
      try doWhatIsDue()
      if let outcome = rules.outcome {
        if let rule = rules.closeRule(hasInput: !rules.sent.hasEnded && input.hasBytes) {
          try setCloseRule(rule)
        }
        return Report(
          outcome: outcome, sent: rules.sent, received: rules.received, duration: start.duration(until: .now))
      }
      try wait()
      if !signalWatch.take().isEmpty, let signal = signals.next(), !input.heeds(signal) {
        rules.stop(.interrupted(by: signal))
      }
      if let bystander { try attend(to: bystander, isWoken: wakeupWatch?.take().allowsRead == true) }
      if bystander?.wakeup == nil { try wakeupWatch?.watch(for: nil) }
      moveOutgoing()
      moveIncoming()
    }
  }

  /// Determines how closing ends the stream; an orderly end may have to wait for the peer.
  private func setCloseRule(_ rule: CloseRule) throws(IOFailure) {
    guard rule == .orderly else { return peer.abortOnClose() }
    let end = Deadline.after(Self.closingTime)
    while try peer.setCloseRule(rule) == .wouldBlock, !end.hasPassed {
      try peer.descriptor.wait(for: peer.interest(reading: false, writing: true), until: end)
    }
  }

  // MARK: Events and deadlines

  private func doWhatIsDue() throws(IOFailure) {
    if rules.isInputUnawaited, outgoing.blocker == .source { rules.inputEnded(at: .now) }
    if rules.isHalfCloseDue {
      isFinishing = try peer.finish() == .wouldBlock
      if !isFinishing { rules.didHalfClose() }
    }
    if rules.isOutputCloseDue {
      try output.finish()
      rules.didCloseOutput()
    }
    if rules.isProbingDue {
      try peer.probePeer()
      rules.didStartProbing()
    }
    if rules.isInputWaitDue { rules.beginInputWait(at: .now) }
    if rules.isDeliveryDue { checkDelivery() }
  }

  private func checkDelivery() {
    do throws(IOFailure) {
      let isDelivered = try delivery.isDelivered(
        over: peer, payloadEnd: outgoing.payloadEnd ?? rules.sent.passed,
        allowance: rules.unconfirmedAllowance,
        at: .now)
      if isDelivered { rules.didDeliver() }
    } catch {
      rules.sendingFailed(error)
    }
  }

  /// Waits until bytes can move, or something else is due.
  private func wait() throws(IOFailure) {
    let (outgoingWaits, incomingWaits) = (
      outgoing.wait(mayFill: rules.mayTakeInput, mayDrain: rules.maySend),
      incoming.wait(mayFill: rules.mayReceive, mayDrain: rules.received.pending > 0)
    )
    // At a terminal the descriptor to wait for may change.
    if inputWatch.descriptor != input.descriptor { inputWatch = try Watch(input.descriptor, in: reactor) }
    try inputWatch.watch(for: outgoingWaits.source ? .readable : nil)
    let endsWithReader = rules.endsWithReader
    try outputWatch.watch(for: incomingWaits.sink ? .writable : endsWithReader ? [] : nil)
    let interest = peer.interest(
      reading: incomingWaits.source, writing: outgoingWaits.sink || isFinishing)
    let isWatchedForEnd = rules.awaitsInputOnly || (bystander != nil && isPeerWatched)
    try peerWatch.watch(for: interest.isEmpty && !isWatchedForEnd ? nil : interest)
    let canMove =
      outgoing.canMove(mayFill: rules.mayTakeInput, mayDrain: rules.maySend)
      || incoming.canMove(mayFill: rules.mayReceive, mayDrain: rules.received.pending > 0)
    let isReady = try reactor.turn(until: canMove ? .now : nextDeadline)
    peerReadiness = peerWatch.take()
    outgoing.note(source: inputWatch.take().allowsRead, sink: peer.canWrite(after: peerReadiness))
    let outputReadiness = outputWatch.take()
    if endsWithReader, outputReadiness.hasBroken { rules.readerLeft() }
    incoming.note(source: peer.canRead(after: peerReadiness), sink: outputReadiness.allowsWrite)
    if isReady, rules.awaitsInputOnly { try notePeer() }
    noteTime(isIdle: !isReady && !canMove)
  }

  /// - Parameter isWoken: Whether the bystander's wakeup descriptor is readable.
  private func attend(to bystander: any CompletionSource, isWoken: Bool) throws(IOFailure) {
    if isPeerWatched, peerReadiness.hasBroken {
      isPeerWatched = false
      // Regardless of the bytes that have arrived: the bystander may be reading none.
      if let reason = try peer.takeError() { rules.stop(.failed(peer.readError(reason))) }
    }
    if isWoken || bystander.nextLook.hasPassed, bystander.attend(received: rules.received) {
      rules.didReachQuitDeadline()
    }
  }

  private func notePeer() throws(IOFailure) {
    guard peerReadiness.hasBroken else { return }
    let reason = try peer.takeError() ?? .errno(.brokenPipe)
    // A reset has emptied the send buffer, so the unsent bytes follow from the acknowledged ones only.
    let end = outgoing.payloadEnd ?? rules.sent.passed
    let unconfirmed = peer.acknowledgedBytes().map { max(0, end - $0) }
    let unsent = try peer.unacknowledgedBytes()
    // Besides payload, the unacknowledged bytes may be an answer that the peer did not wait for.
    let missing = outgoing.payloadEnd == nil ? max(unsent, unconfirmed ?? 0) : unconfirmed ?? unsent
    rules.peerVanished(peer.writeError(reason), unacknowledged: missing, hasInput: input.hasBytes)
  }

  private var idleDeadline: Deadline { isHeldBack ? .never : limits.idle.map { lastMove + $0 } ?? .never }

  private var isHeldBack: Bool {
    outgoing.isHeldBack(mayFill: rules.mayTakeInput, mayDrain: rules.maySend)
      || incoming.isHeldBack(mayFill: rules.mayReceive, mayDrain: rules.received.pending > 0)
  }

  private var nextDeadline: Deadline {
    var next = min(
      limits.deadline, idleDeadline, rules.quitDeadline, rules.inputWaitEnd, outgoing.nextLook,
      incoming.nextLook)
    if let monitor { next = min(next, monitor.nextLook) }
    if let bystander { next = min(next, bystander.nextLook) }
    return rules.isDeliveryDue ? min(next, delivery.next) : next
  }

  /// - Parameter isIdle: Whether there is nothing to move; available bytes are moved, however late this is called.
  private func noteTime(isIdle: Bool) {
    let now = Deadline.now
    // A requested pause is not idleness.
    if isHeldBack { lastMove = now }
    outgoing.note(now)
    incoming.note(now)
    if rules.quitDeadline <= now { rules.didReachQuitDeadline() }
    // Bytes that wait for room to be sent count as input, too.
    if rules.inputWaitEnd <= now {
      if input.hasBytes { rules.beginInputWait(at: now) } else { rules.inputEnded(at: now) }
    }
    if limits.deadline <= now { rules.stop(.late) }
    if isIdle, idleDeadline <= now { stopUnlessDelivering(at: now) }
    if let monitor, monitor.nextLook <= now { monitor.look(sent: rules.sent, received: rules.received) }
  }

  /// Nothing has moved for the idle time on this side: the relay ends, unless the peer still receives bytes sent
  /// earlier.
  private func stopUnlessDelivering(at now: Deadline) {
    if let delivery = peer.lastDelivery(at: now) { lastMove = max(lastMove, delivery) }
    guard idleDeadline <= now else { return }
    rules.didReachIdleLimit()
    // An orderly end has as much time again for the peer's system to acknowledge what was sent.
    lastMove = now
  }

  // MARK: Transfers

  private func moveOutgoing() {
    let step = outgoing.move(mayFill: rules.mayTakeInput, mayDrain: rules.maySend)
    rules.didTakeInput(step.taken)
    rules.didSend(step.passed)
    if step.hasPassed { lastMove = .now }
    if step.hasEnded { rules.inputEnded(at: .now) }
    if case .sink(let error) = step.failure { peer.didFail(error.reason) }
    switch step.failure {
    case .sink(let error) where bystander != nil && error.code != .brokenPipe: rules.stop(.failed(error))
    case .sink(let error) where rules.sent.pending == 0 && rules.sent.owed > 0: rules.answeringFailed(error)
    case .sink(let error): rules.sendingFailed(error)
    case .source(let error): rules.localStreamFailed(error)
    case .recording(let error): rules.recordingFailed(error)
    case nil: break
    }
  }

  private func moveIncoming() {
    let step = incoming.move(mayFill: rules.mayReceive, mayDrain: rules.received.pending > 0)
    rules.didReceive(step.taken)
    rules.didWrite(step.passed)
    if step.hasTaken { lastMove = .now }
    if step.hasReachedLimit { rules.didReachReceiveLimit() } else if step.hasEnded { peerEnded() }
    if case .source(let error) = step.failure { peer.didFail(error.reason) }
    switch step.failure {
    case .source(let error) where bystander != nil: rules.stop(.failed(error))
    case .source(let error): rules.receivingFailed(error)
    case .sink(let error) where error.code == .brokenPipe && rules.received.pending == 0 && hasPeerEnded():
      peerEnded()
    case .sink(let error): rules.localStreamFailed(error)
    case .recording(let error): rules.recordingFailed(error)
    case nil: break
    }
    if !rules.mayAnswer { control.close() }
    rules.didOwe(outgoing.owed)
  }
}

extension Relay {
  /// Whether the peer's stream is at its end: if the reader of the output has closed it, `splice` reports only that.
  private func hasPeerEnded() -> Bool {
    var byte: [UInt8] = [0]
    var space = byte.mutableSpan
    return (try? peer.read(into: &space)) == .endOfStream
  }

  /// Handles the end of the peer's bytes: its FIN, or a reset that another call has met.
  private func peerEnded() {
    guard let reason = peer.errorBehindEnd(received: incoming.received) else {
      rules.peerEnded()
      if !peer.hasHalfClose { endSending() }
      return
    }
    let error = peer.readError(reason)
    if bystander == nil { rules.receivingFailed(error) } else { rules.stop(.failed(error)) }
  }
}

extension Relay {
  /// Handles that the peer takes no more bytes, because its end was that of both directions: what is left of the input
  /// is lost.
  private func endSending() {
    guard !rules.sent.isDone else { return }
    if rules.sent.pending > 0 || !rules.sent.hasEnded && input.hasBytes {
      rules.sendingFailed(peer.writeError(.errno(.brokenPipe)))
    } else {
      rules.inputEnded(at: .now)
    }
  }
}

/// An observer that is called from time to time while a relay runs.
package protocol ProgressObserver: AnyObject {
  /// When to call `look` next.
  var nextLook: Deadline { get }
  /// Observes the counters, and sets the time of the next call.
  func look(sent: TransferCounters, received: TransferCounters)
}

/// Two observers of one relay.
package final class ProgressObserverPair: ProgressObserver {
  private let monitors: [any ProgressObserver]

  /// Combines two observers; `nil` if there are none.
  package init?(_ first: (any ProgressObserver)?, _ second: (any ProgressObserver)?) {
    monitors = [first, second].compactMap { $0 }
    if monitors.isEmpty { return nil }
  }

  package var nextLook: Deadline { monitors.reduce(.never) { min($0, $1.nextLook) } }

  package func look(sent: TransferCounters, received: TransferCounters) {
    for monitor in monitors where monitor.nextLook.hasPassed { monitor.look(sent: sent, received: received) }
  }
}
