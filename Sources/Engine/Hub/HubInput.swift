// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets
import SystemPackage
import Transport

/// Standard input for many clients; it is read only while a client can be sent its bytes.
final class HubInput: ReactorHandler {
  private let stream = StandardStream(.input)
  private var watch = StreamWatch()
  private var isReady = false
  /// Whether the input has ended.
  private(set) var hasEnded = false
  private var hasBrought = false
  /// Whether it may be read now.
  var isWanted = false

  /// The descriptor to wait on.
  var descriptor: FileDescriptor { stream.descriptor }
  /// Whether it is a terminal.
  var isTerminal: Bool { stream.medium == .terminal }
  /// Whether bytes or its end can be read.
  var hasBytes: Bool { !hasEnded && (watch.isAlwaysReady || stream.hasBytes) }

  /// Whether it is open, is not a terminal, and has never had a byte.
  var isUnused: Bool { !hasEnded && !hasBrought && !isTerminal && !hasBytes }

  /// Notes that a wait has found it ready.
  func handle(_ event: Reactor.Event) { isReady = true }

  /// Reads available bytes.
  ///
  /// - Returns: The number of bytes read; `nil` if there are none now, or none any more.
  func read(into scratch: inout [UInt8]) throws(IOFailure) -> Int? {
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

  /// Whether it is a file of which everything but the end has been read.
  var isAtEnd: Bool { stream.remainingBytes == 0 }

  /// Stops reading.
  func end() { hasEnded = true }

  /// Moves a file's offset back over bytes that were sent to no client.
  func putBack(_ count: Int) { stream.putBack(count) }

  /// Registers it with a reactor, if it is wanted.
  func settle(in reactor: Reactor) throws(IOFailure) {
    try watch.set(isWanted && !hasEnded ? .readable : nil, of: descriptor, in: reactor, self)
  }

  /// Stops watching.
  func release() { watch.release() }
}
