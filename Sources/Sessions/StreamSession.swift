// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import SystemPackage
import Text
import Transport

/// A connection between the standard streams and a peer: what `connect` and `listen` have in common.
struct StreamSession {
  /// What is done with the connection.
  var invocation: StreamInvocation
  /// The limits of the connection, which count from the start of the session.
  var limits: ConnectionLimits
  /// Receives events and statistics.
  let observer: any SessionObserver
  /// Whether other connections are served at the same time, so that reports name the peer.
  var isOneOfMany = false

  /// Begins a session, whose time counts from now.
  ///
  /// - Throws: A failure if a file cannot be written.
  init(_ invocation: StreamInvocation, _ observer: any SessionObserver) throws(Failure) {
    self.invocation = invocation
    self.observer = observer
    limits = invocation.limits.begin()
    try invocation.filters.records.check()
  }

  /// Makes the stream of the payload, and completes its handshake.
  ///
  /// - Parameters:
  ///   - hasInput: Whether there are bytes to send.
  ///   - end: The end of the time for the handshake.
  ///   - signals: The descriptor of collected signals; `nil` if they end the program.
  ///   - recording: Shows a dialogue that precedes the payload in its dump; `nil` for none.
  /// - Returns: `nil` if a signal has arrived first.
  func open(
    _ transport: any ByteStream, hasInput: Bool, until end: Deadline, or signals: FileDescriptor? = nil,
    showing recording: Recording? = nil
  ) throws(IOFailure) -> (any ByteStream)? {
    reportOptions(of: transport.descriptor)
    if mayStaySilent(hasInput: hasInput) { try transport.completeDeferredHandshake(until: limits.deadline) }
    let peer = invocation.layers.stream(over: transport)
    // An error of the dump's file is reported by the payload.
    if let recording { peer.observeHandshake { try? recording.dump($1.span, $0) } }
    do throws(IOFailure) {
      return try peer.completeHandshake(until: min(end, limits.deadline), or: signals) ? peer : nil
    } catch {
      peer.abortOnClose()
      throw error
    }
  }

  /// Relays until both streams have ended.
  ///
  /// - Throws: The failure of the session.
  func run(
    _ transport: any ByteStream, handshakeBefore end: Deadline = .never,
    until signals: consuming SignalQueue
  ) throws(Failure) -> SessionOutcome {
    let input = StandardStream(.input, at: invocation.input)
    let output = StandardStream(.output, at: invocation.output)
    let filters: TrafficFilters
    let peer: any ByteStream
    let progress: (any TransferProgress)?
    let report: Relay.Report
    do throws(IOFailure) {
      filters = try invocation.filters.open(observer)
      guard
        let stream = try open(
          transport, hasInput: input.hasBytes, until: end, or: signals.descriptor,
          showing: filters.recording)
      else { return .killed(by: signals.next() ?? 0) }
      peer = stream
      let ends = try LocalEnds(
        invocation.interaction, input: input, output: output,
        readsInput: invocation.policy.directions != .receiveOnly, observer: observer)
      progress = self.progress(of: ends)
      report = try interact(ends, peer, filters, progress, until: signals)
    } catch {
      throw Failure(error)
    }
    input.putBack(report.sent.pending)
    self.report(report, with: peer, progress)
    guard let outcome = try outcome(of: report.outcome, peer: peer.remote) else {
      do throws(IOFailure) {
        if output.medium != .terminal, !invocation.policy.leavesOutputOpen { try output.close() }
        try filters.recording?.close()
      } catch {
        throw Failure(error)
      }
      return .success
    }
    // A program that a signal ends does not wait for `--linger`.
    try? peer.stopLingering()
    return outcome
  }

  /// Relays, with the terminal prepared for the ends if they need it.
  private func interact(
    _ ends: LocalEnds, _ peer: any ByteStream, _ filters: TrafficFilters, _ progress: (any TransferProgress)?,
    until signals: consuming SignalQueue
  ) throws(IOFailure) -> Relay.Report {
    if let more = ends.signals {
      // One after the other, because a signal acts at once when a queue stops collecting it.
      _ = consume signals
      signals = try SignalQueue(more)
    }
    ends.prepare()
    do {
      let report = try relay(
        between: ends, and: peer, through: filters, showing: progress, until: signals)
      ends.restore()
      // From here on signals act at once again, so that they can end a lingering close.
      _ = consume signals
      return report
    } catch {
      ends.restore()
      _ = consume signals
      throw error
    }
  }

  /// Whether the kernel defers the handshake of TCP until the first bytes are sent, and there may be none.
  func mayStaySilent(hasInput: Bool) -> Bool {
    invocation.settings.isFastOpen && (invocation.policy.directions == .receiveOnly || !hasInput)
  }

  /// Creates the display of the progress, if it is requested.
  func progress(of ends: LocalEnds) -> (any TransferProgress)? {
    guard invocation.showsProgress else { return nil }
    return observer.makeProgress(
      inputSize: invocation.policy.directions == .receiveOnly ? nil : ends.inputSize)
  }

  /// Relays until both streams have ended, or a signal arrives.
  func relay(
    between ends: LocalEnds, and peer: any ByteStream, through filters: TrafficFilters,
    showing progress: (any TransferProgress)?, beside completion: (any CompletionSource)? = nil,
    until signals: borrowing SignalQueue
  ) throws(IOFailure) -> Relay.Report {
    var policy = invocation.policy
    if ends.isInputTerminal { policy.stopsInputOnPeerEnd = true }
    if ends.isOutputTerminal { policy.leavesOutputOpen = true }
    let relay = try Relay(
      input: ends.input, output: ends.output, peer: peer, policy: policy, limits: limits, filters: filters,
      monitor: ProgressObserverPair(ends.monitor, progress))
    relay.bystander = completion
    return try relay.run(until: signals)
  }

  /// Reports the numbers of bytes transferred.
  func report(_ report: Relay.Report, with peer: any ByteStream, _ progress: (any TransferProgress)?) {
    progress?.finish(report)
    if invocation.reportsStatistics {
      observer.report(
        TransferStatistics(
          report, tcp: TCPInformation(of: peer.descriptor), remote: isOneOfMany ? peer.remote : nil))
    }
    observer.report(
      .closed(
        peer: peer.remote, sent: report.sent.passed, received: report.received.passed,
        duration: report.duration, end: peer.end, isFailed: report.outcome != .finished))
    if invocation.isProxied, invocation.policy.directions == .both, invocation.policy.halfCloses,
      report.outcome == .finished, report.sent.passed > 0, report.received.passed == 0
    {
      observer.note("no answer: some proxies drop it once the client has sent everything (--no-shutdown)")
    }
    if invocation.interaction.isChat, report.outcome == .finished, report.received.hasEnded {
      observer.report(.left(peer.remote, reason: nil))
    }
  }

  /// Reports the socket options of the command line, with the values that the kernel has set.
  func reportOptions(of socket: FileDescriptor) {
    for option in invocation.settings.effective(on: socket) {
      observer.report(.option(option))
    }
  }

  /// The outcome of a session whose relay has ended; `nil` if the relay finished in order.
  ///
  /// - Throws: The failure of the relay.
  func outcome(of end: RelayRules.Outcome, peer: Address) throws(Failure) -> SessionOutcome? {
    switch end {
    case .finished: return nil
    case .interrupted(let signal): return .killed(by: signal)
    case .failed(let error): return try SessionOutcome(of: error)
    case .idle:
      throw Failure(idle: limits.idle ?? .zero, with: "\(peer)")
    case .late:
      throw Failure(.timedOut, "connection with \(peer): not finished within the time allowed (--timeout)")
    }
  }
}
