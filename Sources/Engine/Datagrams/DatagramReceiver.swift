// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Reactor
package import Sockets
import SystemPackage

/// Receives datagrams from any peer, writes and answers them, until a signal, a number or a deadline ends it.
package struct DatagramReceiver {
  /// The reason why it stopped.
  package enum Ending: Equatable, Sendable {
    /// The requested number of datagrams has been received, or an empty one that was to end it.
    case complete
    /// The deadline has passed.
    case timedOut
    /// A signal arrived, and everything received is written.
    case interrupted(CInt)
    /// Standard output blocks, so that data is lost: a signal arrived, or the deadline has passed (`nil`).
    case abandoned(CInt?)
  }

  /// The state of receiving available datagrams.
  private enum Progress: Equatable {
    /// None is available any more.
    case drained
    /// More may be available; signals are handled first.
    case paused
    case over(Ending)
  }

  private let sockets: DatagramSockets
  private let output: DatagramOutput
  private let questions: DatagramBatch
  private let reactor = Reactor.forFew()
  private let arrivals: [Watch]
  private let outputWatch: Watch
  /// Answers every datagram; `nil` if none is answered.
  package var responder: DatagramResponder?
  /// Handles the signals that do not end it; `nil` if all do.
  package var policy: AccessPolicy?
  /// The number of datagrams to receive; `nil` for no limit.
  package var wanted: Int?
  /// Whether an empty datagram ends it, which is neither counted nor written nor answered.
  package var endsOnEmpty = false
  /// When to stop.
  package var deadline = Deadline.never
  /// The counters of received datagrams.
  package private(set) var received = DatagramTally()
  /// The maximum number of batches received before signals are checked, however many datagrams are waiting.
  private static let burst = 16
  /// The longest time for receiving queued datagrams after a signal, however fast more arrive.
  private static let drainTime = Duration.milliseconds(100)

  /// In a flood, waking up for a few datagrams costs more than processing them: if wake-ups follow more closely than
  /// this, the next one is delayed by the same time, so that more datagrams accumulate. That is too short to delay a
  /// signal noticeably.
  private let gatheringTime: Duration

  /// Creates a receiver for some sockets.
  package init(_ sockets: DatagramSockets, output: DatagramOutput) throws(IOFailure) {
    questions = try DatagramBatch(over: sockets.family)
    gatheringTime = Self.gatheringTime(in: try sockets.receiveBuffer())
    arrivals = try sockets.watches(in: reactor)
    outputWatch = try Watch(output.descriptor, in: reactor)
    self.sockets = sockets
    self.output = output
  }

  /// The time in which a fast network, at a gigabyte per second, fills half of a receive buffer, limited to what a user
  /// does not notice.
  private static func gatheringTime(in receiveBuffer: Int) -> Duration {
    min(.microseconds(500), .nanoseconds(receiveBuffer / 2))
  }

  /// Receives until it is over; then everything received is written.
  ///
  /// - Throws: The error of a socket or of standard output.
  package mutating func run(until signals: borrowing SignalQueue) throws(IOFailure) -> Ending {
    let signalWatch = try Watch(signals.descriptor, for: .readable, in: reactor)
    let watchdog = Watchdog(in: reactor)
    defer { withExtendedLifetime(watchdog) {} }
    var lastWake = Deadline.now
    while true {
      let progress = try receiveWaiting(or: signals)
      if case .over(let ending) = progress { return ending }
      if deadline.hasPassed { return .timedOut }
      // A reader that has closed its end is noticed at once, rather than when the next datagram arrives.
      try outputWatch.watch(for: output.canBreak ? [] : nil)
      let isReady = try sockets.wait(for: arrivals, in: reactor, until: deadline)
      guard isReady || !deadline.hasPassed else { return .timedOut }
      guard outputWatch.take().isEmpty else { throw IOFailure(.write("standard output"), .brokenPipe) }
      if !signalWatch.take().isEmpty, let signal = endingSignal(from: signals) {
        return try drain(because: signal, signals)
      }
      let now = Deadline.now
      if progress == .drained, lastWake + gatheringTime > now { Deadline.after(gatheringTime).sleep() }
      lastWake = now
    }
  }

  private func endingSignal(from signals: borrowing SignalQueue) -> CInt? {
    while let signal = signals.next() {
      guard policy?.heed(signal) ?? false else { return signal }
    }
    return nil
  }

  /// Receives the datagrams that the kernel has queued.
  private mutating func drain(
    because signal: CInt, _ signals: borrowing SignalQueue
  ) throws(IOFailure) -> Ending {
    let end = Deadline.after(Self.drainTime)
    sockets.endPause()
    while !end.hasPassed {
      switch try receiveWaiting(or: signals) {
      case .over(let ending): return ending
      case .drained: return .interrupted(signal)
      case .paused: continue
      }
    }
    return .interrupted(signal)
  }

  /// Receives available datagrams, up to a limit, and writes them.
  private mutating func receiveWaiting(or signals: borrowing SignalQueue) throws(IOFailure) -> Progress {
    var progress = Progress.paused
    var isOver = false
    for _ in 0..<Self.burst {
      let missing = wanted.map { $0 - received.datagrams } ?? .max
      guard missing > 0, try sockets.receive(into: questions, limit: missing) else {
        progress = .drained
        break
      }
      let isFull = questions.isFull
      isOver = endsOnEmpty && questions.cutAtEmpty()
      received.add(questions, 0..<questions.count)
      output.add(questions)
      try responder?.answer(questions, by: sockets)
      if output.isFull, let ending = try flush(or: signals) { return .over(ending) }
      if sockets.isSole, !isFull { progress = .drained }
      if isOver || progress == .drained { break }
    }
    if let ending = try flush(or: signals) { return .over(ending) }
    return isOver || wanted == received.datagrams ? .over(.complete) : progress
  }

  /// Waits until everything is written, with signals watched by `run`.
  ///
  /// - Returns: The ending if that is not possible: the rest is lost.
  private func flush(or signals: borrowing SignalQueue) throws(IOFailure) -> Ending? {
    while try !output.write() {
      for arrival in arrivals { try arrival.watch(for: nil) }
      try outputWatch.watch(for: .writable)
      guard try reactor.turn(until: deadline) || !deadline.hasPassed else { return .abandoned(nil) }
      _ = outputWatch.take()
      if let signal = endingSignal(from: signals) { return .abandoned(signal) }
    }
    return nil
  }
}
