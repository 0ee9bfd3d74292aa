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

  /// Adds what has to become ready before bytes can move.
  func addInterests(to set: inout PollSet, mayFill: Bool, mayDrain: Bool) {
    if mayFill, pump.hasRoom, !isSourceReady { set.add(source.number, for: .readable) }
    let wantsSink = mayDrain || (pump.isDirect && mayFill && isSourceReady)
    if wantsSink, !isSinkReady { set.add(sink.number, for: .writable) }
  }

  /// Notes what a wait found ready.
  mutating func note(_ set: borrowing PollSet) {
    if !isSourceReady, set.readiness(of: source.number).allowsRead { isSourceReady = true }
    if !isSinkReady, set.readiness(of: sink.number).allowsWrite {
      isSinkReady = true
      isSinkConfirmed = true
    }
  }

  /// What one step did.
  struct Step: Equatable {
    var taken = 0
    var passed = 0
    var hasEnded = false
  }

  /// Moves bytes as far as they go at once: one fill and one drain at most.
  mutating func move(mayFill: Bool, mayDrain: Bool) throws(LaneFailure) -> Step {
    do {
      return pump.isDirect ? try moveThrough(mayFill) : try moveInTwo(mayFill, mayDrain)
    } catch {
      switch error {
      case .source(let error): throw .source(error)
      case .sink(let error): throw .sink(error)
      case .unsupported:
        do { pump = try pump.fallback() } catch { throw .source(error) }
        return Step()
      }
    }
  }

  private mutating func moveThrough(_ mayFill: Bool) throws(PumpFailure) -> Step {
    guard mayFill, isSourceReady, isSinkReady else { return Step() }
    switch try pump.fill() {
    case .moved(let count):
      isSourceReady = source.medium == .file
      isSinkConfirmed = false
      return Step(taken: count, passed: count)
    case .wouldBlock:
      // One of the two made it block: the sink, unless a wait has just found that one ready.
      if isSinkConfirmed { isSourceReady = source.medium == .file } else { isSinkReady = false }
      isSinkConfirmed = false
      return Step()
    case .endOfStream:
      return Step(hasEnded: true)
    }
  }

  private mutating func moveInTwo(_ mayFill: Bool, _ mayDrain: Bool) throws(PumpFailure) -> Step {
    var step = Step()
    if mayFill, pump.hasRoom, isSourceReady {
      isSourceReady = source.medium == .file
      switch try pump.fill() {
      case .moved(let count): step.taken = count
      case .wouldBlock: break
      case .endOfStream: step.hasEnded = true
      }
    }
    if mayDrain || step.taken > 0, isSinkReady {
      if case .moved(let count) = try pump.drain() { step.passed = count } else { isSinkReady = false }
    }
    return step
  }
}
