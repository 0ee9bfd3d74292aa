// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Reactor
package import Sockets
import SystemPackage

/// Receives datagrams from any peer, writes them out and answers them, until a signal, a number or a deadline ends it.
package struct DatagramReceiver {
  /// Why it stopped.
  package enum Ending: Equatable, Sendable {
    /// As many datagrams came as were wanted.
    case complete
    /// The time is over.
    case timedOut
    /// A signal came, and everything that was received is written.
    case interrupted(CInt)
    /// Standard output cannot be written to, so that something is lost: a signal came, or the time is over (`nil`).
    case abandoned(CInt?)
  }

  /// How far receiving what waits has come.
  private enum Progress: Equatable {
    /// Nothing waits any more.
    case drained
    /// More may wait, and signals come first.
    case paused
    case over(Ending)
  }

  private let sockets: DatagramSockets
  private let output: DatagramOutput
  private let questions: DatagramBatch
  private let reactor = Reactor.forFew()
  private let arrivals: [Watch]
  private let outputWatch: Watch
  /// What answers every datagram; `nil` where none is answered.
  package var responder: DatagramResponder?
  /// How many datagrams are wanted; `nil` for no end.
  package var wanted: Int?
  /// When to stop.
  package var deadline = Deadline.never
  /// What was received.
  package private(set) var received = DatagramTally()
  /// How many batches are received before signals are looked for, however many more are waiting.
  private static let burst = 16
  /// How long what the kernel still holds may take when a signal has come, however fast more arrives.
  private static let drainTime = Duration.milliseconds(100)

  /// In a flood, waking for every few datagrams costs more than they do: with wakes closer together than this, the
  /// next one waits for as long, so that more have gathered. That is too short for a signal to come first.
  private let gatheringTime: Duration

  /// Receives by some sockets.
  package init(_ sockets: DatagramSockets, output: DatagramOutput) throws(SystemError) {
    questions = try DatagramBatch(over: sockets.family)
    gatheringTime = Self.gatheringTime(in: try sockets.receiveBuffer())
    arrivals = try sockets.watches(in: reactor)
    outputWatch = try Watch(output.number, in: reactor)
    self.sockets = sockets
    self.output = output
  }

  /// The time in which a fast network, at a gigabyte a second, fills half of a receive buffer, but no longer than
  /// a user would notice.
  private static func gatheringTime(in receiveBuffer: Int) -> Duration {
    min(.microseconds(500), .nanoseconds(receiveBuffer / 2))
  }

  /// Receives until it is over; then everything that was received is written.
  ///
  /// - Throws: What breaks the socket or standard output.
  package mutating func run(until signals: borrowing SignalQueue) throws(SystemError) -> Ending {
    let signalWatch = try Watch(signals.number, for: .readable, in: reactor)
    var lastWake = Deadline.now
    while true {
      let progress = try receiveWaiting(or: signals)
      if case .over(let ending) = progress { return ending }
      if deadline.hasPassed { return .timedOut }
      // A reader that has left is noticed at once, and not only when the next datagram comes.
      try outputWatch.watch(for: output.canBreak ? [] : nil)
      let isReady = try sockets.wait(for: arrivals, in: reactor, until: deadline)
      guard isReady || !deadline.hasPassed else { return .timedOut }
      guard outputWatch.take().isEmpty else { throw SystemError(.write("standard output"), .brokenPipe) }
      if !signalWatch.take().isEmpty, let signal = signals.next() {
        return try drain(because: signal, signals)
      }
      let now = Deadline.now
      if progress == .drained, lastWake + gatheringTime > now { Deadline.after(gatheringTime).sleep() }
      lastWake = now
    }
  }

  /// Receives what the kernel still holds.
  private mutating func drain(
    because signal: CInt, _ signals: borrowing SignalQueue
  ) throws(SystemError) -> Ending {
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

  /// Receives what waits, for a while, and writes it.
  private mutating func receiveWaiting(or signals: borrowing SignalQueue) throws(SystemError) -> Progress {
    var progress = Progress.paused
    for _ in 0..<Self.burst {
      let missing = wanted.map { $0 - received.datagrams } ?? .max
      guard missing > 0, try sockets.receive(into: questions, limit: missing) else {
        progress = .drained
        break
      }
      received.add(questions, 0..<questions.count)
      output.add(questions)
      try responder?.answer(questions, by: sockets)
      if output.isFull, let ending = try flush(or: signals) { return .over(ending) }
      if sockets.isSole, !questions.isFull { progress = .drained }
      if progress == .drained { break }
    }
    if let ending = try flush(or: signals) { return .over(ending) }
    return wanted == received.datagrams ? .over(.complete) : progress
  }

  /// Waits until everything is written, with signals watched as `run` has it.
  ///
  /// - Returns: How it ends if that cannot be: what is not written is lost.
  private func flush(or signals: borrowing SignalQueue) throws(SystemError) -> Ending? {
    while try !output.write() {
      for arrival in arrivals { try arrival.watch(for: nil) }
      try outputWatch.watch(for: .writable)
      guard try reactor.turn(until: deadline) else { return .abandoned(nil) }
      _ = outputWatch.take()
      if let signal = signals.next() { return .abandoned(signal) }
    }
    return nil
  }
}
