// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// One direction of a relay at work: its pump, and which ends are known to be ready.
struct Lane {
  private let source: any ByteSource
  private let sink: any ByteSink
  private var pump: any Pump
  private var isSourceReady = false
  /// A sink is taken for ready until it refuses, which saves most waits for it, unless writing to it could block.
  private var isSinkReady = true
  private var isSinkConfirmed = false
  private var gathering = Gathering()
  private var pacing: Pacing?
  /// What came from the source altogether, before filters took anything out, in bytes; `nil` if urgent bytes may have
  /// come, which the kernel counts and a receive leaves out.
  private(set) var received: Int? = 0
  /// The moment that pauses are judged by: the same from one wait to the next.
  private var now = Deadline.now

  /// Connects a source and a sink.
  ///
  /// - Parameters:
  ///   - pump: What moves the bytes; `nil` for what fits the two best.
  ///   - rate: The most bytes to pass on in a second; `nil` for no limit.
  /// - Throws: `EMFILE` and its like, for a pump that needs a pipe.
  init(
    from source: any ByteSource, to sink: any ByteSink, by pump: (any Pump)? = nil, rate: Int? = nil
  ) throws(SystemError) {
    self.source = source
    self.sink = sink
    self.pump = if let pump { pump } else { try makePump(from: source, to: sink) }
    pacing = rate.map { Pacing(rate: $0, from: now) }
    isSourceReady = source.medium == .file
    isSinkReady = !sink.needsWait
  }

  /// Whether bytes could move now, as far as is known without waiting.
  func canMove(mayFill: Bool, mayDrain: Bool) -> Bool { canFill(mayFill) || canDrain(mayDrain) }

  private func canFill(_ mayFill: Bool) -> Bool {
    mayFill && pump.hasRoom && isSourceReady && (!pump.isDirect || (isSinkReady && !isPausing))
  }

  private func canDrain(_ mayDrain: Bool) -> Bool { mayDrain && isSinkReady && !isPausing }

  // MARK: Pausing

  private var isPausing: Bool { pauseEnd > now }

  private var pauseEnd: Deadline { max(pacing?.next ?? now, pump.pauseEnd ?? now) }

  /// Whether there is something to pass on and only a limit that was asked for keeps it back.
  func isHeldBack(mayFill: Bool, mayDrain: Bool) -> Bool {
    isPausing && (mayDrain || (pump.isDirect && mayFill && isSourceReady))
  }

  /// How many bytes of our own, beside the payload, have yet to be passed on.
  var owed: Int { pump.filteredCount?.owed ?? 0 }

  /// What the sink had accepted altogether when it accepted the last payload; `nil` where it gets nothing else.
  var payloadEnd: Int? { pump.filteredCount?.payloadEnd }

  // MARK: Waiting

  /// What has to become ready before bytes can move.
  mutating func wait(mayFill: Bool, mayDrain: Bool) -> (source: Bool, sink: Bool) {
    let awaitsSource = mayFill && pump.hasRoom && !isSourceReady
    if awaitsSource { gathering.willWait() }
    let wantsSink = mayDrain || (pump.isDirect && mayFill && isSourceReady)
    return (awaitsSource, wantsSink && !isSinkReady)
  }

  /// When to look at the source even if no wait has found it ready, or when a pause ends.
  var nextLook: Deadline { isPausing ? min(gathering.deadline, pauseEnd) : gathering.deadline }

  /// Notes what a wait found ready.
  mutating func note(source: Readiness, sink: Readiness) {
    if !isSourceReady, source.allowsRead {
      isSourceReady = true
      gathering.didWait()
    }
    if !isSinkReady, sink.allowsWrite {
      isSinkReady = true
      isSinkConfirmed = true
    }
  }

  /// Notes how late it is.
  mutating func note(_ now: Deadline) {
    self.now = now
    if gathering.isDue(at: now) { isSourceReady = true }
  }

  // MARK: Moving

  /// What one move did, and which end failed after that, if one did.
  struct Step {
    /// The payload that was taken from the source.
    var taken = 0
    /// The payload that the sink has accepted.
    var passed = 0
    /// Whether anything was taken, be it payload or not.
    var hasTaken = false
    /// Whether anything was passed on, be it payload or not.
    var hasPassed = false
    var hasEnded = false
    var failure: LaneFailure?
  }

  /// Moves bytes as far as they go at once: one fill and one drain at most.
  mutating func move(mayFill: Bool, mayDrain: Bool) -> Step {
    var step = Step()
    let before = pump.filteredCount
    do { try move(mayFill: mayFill, mayDrain: mayDrain, noting: &step) } catch { step.failure = error }
    if let before, let after = pump.filteredCount {
      step.taken = after.taken - before.taken
      step.passed = after.passed - before.passed
    }
    return step
  }

  private mutating func move(
    mayFill: Bool, mayDrain: Bool, noting step: inout Step
  ) throws(LaneFailure) {
    let limit = pacing?.allowance(at: now) ?? .max
    if canFill(mayFill) {
      switch try pumping({ (pump) throws(PumpFailure) in try pump.fill(atMost: limit) }) {
      case .moved(let count):
        received = received.map { $0 + count }
        step.taken = count
        step.hasTaken = true
        if pump.isDirect { didPass(count, noting: &step) }
        isSinkConfirmed = false
        didTake(count)
      case .wouldBlock: blame()
      case .endOfStream: step.hasEnded = true
      }
    }
    if !pump.isDirect, canDrain(mayDrain || (step.hasTaken && !pump.hasRoom)) {
      let transfer = try pumping { (pump) throws(PumpFailure) in try pump.drain(atMost: limit) }
      if case .moved(let count) = transfer { didPass(count, noting: &step) }
      isSinkReady = transfer != .wouldBlock && !sink.needsWait
    }
  }

  private mutating func didPass(_ count: Int, noting step: inout Step) {
    step.passed = count
    step.hasPassed = true
    pacing?.didSend(count, at: now)
  }

  /// Has the pump do something, or the one that replaces it where the kernel does not support it.
  private mutating func pumping(
    _ act: (inout any Pump) throws(PumpFailure) -> Transfer
  ) throws(LaneFailure) -> Transfer {
    do {
      return try act(&pump)
    } catch {
      switch error {
      case .source(let error): throw .source(error)
      case .sink(let error): throw .sink(error)
      case .recording(let error): throw .recording(error)
      case .unsupported:
        received = nil
        do { pump = try pump.fallback() } catch { throw .source(error) }
        return try pumping(act)
      }
    }
  }

  /// Finds who made a fill block: the source, or else the sink of a direct pump, unless a wait has just found
  /// that one ready.
  private mutating func blame() {
    if pump.isDirect, !isSinkConfirmed {
      isSinkReady = false
    } else {
      didTake(0)
    }
    isSinkConfirmed = false
  }

  /// A source that has been read is waited for again, but for a file, which is always ready.
  private mutating func didTake(_ count: Int) {
    isSourceReady = source.medium == .file
    guard source.medium == .socket, gathering.didTake(count) else { return }
    source.gather(gathering.isOn ? Gathering.amount : 1)
  }
}
