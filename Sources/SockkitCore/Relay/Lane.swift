// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// One direction of a relay at work: its pump, and which ends are known to be ready.
struct Lane {
  private let source: any ByteSource
  private let sink: any ByteSink
  private var pump: any Pump
  private var isSourceReady = false
  /// A sink is taken for ready until it refuses, which saves most waits for it.
  private var isSinkReady = true
  private var isSinkConfirmed = false
  private var gathering = Gathering()

  /// Connects a source and a sink by the pump that fits them.
  ///
  /// - Throws: `EMFILE` and its like, for a pump that needs a pipe.
  init(from source: any ByteSource, to sink: any ByteSink) throws(SystemError) {
    self.source = source
    self.sink = sink
    pump = try makePump(from: source, to: sink)
    isSourceReady = source.medium == .file
  }

  /// Whether bytes could move now, as far as is known without waiting.
  func canMove(mayFill: Bool, mayDrain: Bool) -> Bool {
    (mayFill && pump.hasRoom && isSourceReady && (isSinkReady || !pump.isDirect)) || (mayDrain && isSinkReady)
  }

  // MARK: Waiting

  /// Adds what has to become ready before bytes can move.
  mutating func addInterests(to set: inout PollSet, mayFill: Bool, mayDrain: Bool) {
    if mayFill, pump.hasRoom, !isSourceReady {
      set.add(source.number, for: .readable)
      gathering.willWait()
    }
    let wantsSink = mayDrain || (pump.isDirect && mayFill && isSourceReady)
    if wantsSink, !isSinkReady { set.add(sink.number, for: .writable) }
  }

  /// When to look at the source even if no wait has found it ready.
  var nextLook: Deadline { gathering.deadline }

  /// Notes what a wait found ready.
  mutating func note(_ set: borrowing PollSet) {
    if !isSourceReady, set.readiness(of: source.number).allowsRead {
      isSourceReady = true
      gathering.didWait()
    }
    if !isSinkReady, set.readiness(of: sink.number).allowsWrite {
      isSinkReady = true
      isSinkConfirmed = true
    }
  }

  /// Notes how late it is.
  mutating func note(_ now: Deadline) {
    if gathering.isDue(at: now) { isSourceReady = true }
  }

  // MARK: Moving

  /// What one move did, and which end failed after that, if one did.
  struct Step {
    var taken = 0
    var passed = 0
    var hasEnded = false
    var failure: LaneFailure?
  }

  /// Moves bytes as far as they go at once: one fill and one drain at most.
  mutating func move(mayFill: Bool, mayDrain: Bool) -> Step {
    var step = Step()
    do { try move(mayFill: mayFill, mayDrain: mayDrain, noting: &step) } catch { step.failure = error }
    return step
  }

  private mutating func move(
    mayFill: Bool, mayDrain: Bool, noting step: inout Step
  ) throws(LaneFailure) {
    if mayFill, pump.hasRoom, isSourceReady, isSinkReady || !pump.isDirect {
      switch try pumping({ (pump) throws(PumpFailure) in try pump.fill() }) {
      case .moved(let count):
        step.taken = count
        if pump.isDirect { step.passed = count }
        isSinkConfirmed = false
        didTake(count)
      case .wouldBlock: blame()
      case .endOfStream: step.hasEnded = true
      }
    }
    if !pump.isDirect, mayDrain || step.taken > 0, isSinkReady {
      let transfer = try pumping { (pump) throws(PumpFailure) in try pump.drain() }
      if case .moved(let count) = transfer { step.passed = count } else { isSinkReady = false }
    }
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
      case .unsupported:
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
