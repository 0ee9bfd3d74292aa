// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// Standard input for many clients: read only while somebody is there who takes it.
struct InputSupply {
  private let stream = StandardStream(.input)
  private var watch = StreamWatch()
  private var isReady = false
  /// Whether nothing more comes from it.
  private(set) var hasEnded = false
  private var hasBrought = false

  /// The descriptor to wait on.
  var number: FileDescriptor { stream.number }
  /// Whether somebody types it.
  var isTerminal: Bool { stream.medium == .terminal }
  /// Whether there is something to read now, as far as is known without waiting; a wait would miss it.
  var isAlwaysReady: Bool { !hasEnded && watch.isUnwatchable }
  /// Whether there is something in it, or its end.
  var hasBytes: Bool { !hasEnded && (watch.isUnwatchable || stream.hasBytes) }

  /// Whether it is open, is no terminal, and has never brought a byte.
  var isUnused: Bool { !hasEnded && !hasBrought && !isTerminal && !hasBytes }

  /// Takes note that a wait has found it ready.
  mutating func note() { isReady = true }

  /// Reads what is there.
  ///
  /// - Returns: How many bytes were read; `nil` if none can be, now or ever.
  mutating func read(into scratch: inout [UInt8]) throws(SystemError) -> Int? {
    guard !hasEnded, isReady || watch.isUnwatchable else { return nil }
    isReady = false
    var buffer = scratch.mutableSpan
    switch try stream.read(into: &buffer) {
    case .moved(let count):
      hasBrought = true
      return count
    case .wouldBlock: return nil
    case .endOfStream:
      hasEnded = true
      return nil
    }
  }

  /// Whether it is a file of which all was read, the end alone excepted.
  var isAtEnd: Bool { stream.remainingBytes == 0 }

  /// Reads nothing more.
  mutating func end() { hasEnded = true }

  /// Moves a file's offset back over bytes that nobody was sent.
  func putBack(_ count: Int) { stream.putBack(count) }

  /// Has the loop wait for it, or not.
  mutating func settle(isWanted: Bool, in queue: borrowing EventQueue) throws(SystemError) {
    try watch.set(isWanted && !hasEnded ? .readable : nil, of: number, in: queue)
  }
}
