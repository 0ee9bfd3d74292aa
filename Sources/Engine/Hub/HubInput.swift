// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets
import SystemPackage
import Transport

/// Standard input for many clients: read only while somebody is there who takes it.
final class HubInput: ReactorHandler {
  private let stream = StandardStream(.input)
  private var watch = StreamWatch()
  private var isReady = false
  /// Whether nothing more comes from it.
  private(set) var hasEnded = false
  private var hasBrought = false
  /// Whether it may be read now.
  var isWanted = false

  /// The descriptor to wait on.
  var number: FileDescriptor { stream.number }
  /// Whether somebody types it.
  var isTerminal: Bool { stream.medium == .terminal }
  /// Whether there is something in it, or its end.
  var hasBytes: Bool { !hasEnded && (watch.isAlwaysReady || stream.hasBytes) }

  /// Whether it is open, is no terminal, and has never brought a byte.
  var isUnused: Bool { !hasEnded && !hasBrought && !isTerminal && !hasBytes }

  /// Takes note that a wait has found it ready.
  func handle(_ event: Reactor.Event) { isReady = true }

  /// Reads what is there.
  ///
  /// - Returns: How many bytes were read; `nil` if none can be, now or ever.
  func read(into scratch: inout [UInt8]) throws(SystemError) -> Int? {
    guard !hasEnded, isReady else { return nil }
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
  func end() { hasEnded = true }

  /// Moves a file's offset back over bytes that nobody was sent.
  func putBack(_ count: Int) { stream.putBack(count) }

  /// Has a reactor wait for it, if it is wanted.
  func settle(in reactor: Reactor) throws(SystemError) {
    try watch.set(isWanted && !hasEnded ? .readable : nil, of: number, in: reactor, self)
  }

  /// Is watched no longer.
  func release() { watch.release() }
}
