// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets
import SystemPackage
import Text
import Transport

/// Standard output for the lines of many clients, or the bytes of the only one: gathered for a turn of the loop, then
/// written as far as it goes.
final class HubOutput: ReactorHandler {
  private let stream = StandardStream(.output)
  private var merger: LineInterleaver
  /// Makes the only client's bytes safe to look at, where somebody does.
  private var screen: ScreenText?
  private var pending: [UInt8] = []
  private var isReady = true
  /// Whether it was a terminal, and nobody is in front of it any more.
  private var hasHungUp = false
  private var watch = StreamWatch()

  /// From how many bytes on nothing should be added.
  private static let limit = 256 << 10

  /// - Parameter isGuarded: Whether what could do harm to a terminal is escaped.
  init(isGuarded: Bool) {
    merger = LineInterleaver(isForTerminal: isGuarded)
    screen = isGuarded ? ScreenText() : nil
  }

  /// How much has still to be written, in bytes.
  var count: Int { pending.count }
  /// Whether nothing should be added.
  var isFull: Bool { pending.count >= Self.limit }
  /// The descriptor to wait on.
  var number: FileDescriptor { stream.number }

  /// Adds the only client's bytes, of which nothing is held back.
  func add(_ bytes: Span<UInt8>) {
    guard let lines = screen?.take(bytes), let rest = screen?.takeUnfinished() else {
      return pending.append(copying: bytes)
    }
    pending += (lines + rest).utf8
  }

  /// Completes what the only client has begun: half a character is shown.
  func end() {
    screen?.finish()
    pending += (screen?.takeUnfinished() ?? "").utf8
  }

  /// Adds a client's bytes.
  func add(_ bytes: Span<UInt8>, of client: inout LineInterleaver.Contribution) {
    merger.add(bytes, of: &client, to: &pending)
  }

  /// Completes what a client has begun.
  func end(_ client: inout LineInterleaver.Contribution) { merger.end(&client, to: &pending) }

  /// Takes note of what a wait has found.
  ///
  /// - Throws: That nobody reads it any more.
  func handle(_ event: Reactor.Event) throws(SystemError) {
    if event.readiness.hasBroken {
      guard ![.pipe, .opaque].contains(stream.medium) else {
        throw SystemError(.write(stream.name), .brokenPipe)
      }
      hasHungUp = true
    }
    isReady = true
  }

  /// Writes as much as fits now.
  func write() throws(SystemError) {
    var written = 0
    defer { pending.removeFirst(written) }
    while isReady, written < pending.count {
      let bytes = pending
      switch try stream.write(bytes.span.extracting(written...)) {
      case .moved(let count):
        written += count
        // One that is shared takes no more than a wait has promised.
        if stream.needsWait { isReady = false }
      case .wouldBlock, .endOfStream: isReady = false
      }
    }
  }

  /// Has a reactor wait for what is missing, and for the reader's end.
  func settle(in reactor: Reactor) throws(SystemError) {
    // A terminal that has hung up is reported again and again, and a write to it says so.
    let interest: Readiness? = hasHungUp ? nil : pending.isEmpty || isReady ? [] : .writable
    try watch.set(interest, of: number, in: reactor, self)
  }

  /// Is watched no longer.
  func release() { watch.release() }

  /// Closes the stream.
  ///
  /// - Throws: What `close` reports of data that could not be written after all.
  func close() throws(SystemError) {
    if stream.medium != .terminal { try stream.close() }
  }
}
