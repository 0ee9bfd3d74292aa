// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets
import SystemPackage
import Text
import Transport

/// Standard output for the lines of many clients, or the bytes of a single one: collected during a turn of the loop,
/// then written as far as possible.
final class HubOutput: ReactorHandler {
  private let stream = StandardStream(.output)
  private var merger: LineInterleaver
  /// Makes the bytes of a single client safe for a terminal, if the output is one.
  private var screen: ScreenText?
  private var pending: [UInt8] = []
  private var isReady = true
  /// Whether it was a terminal that has hung up.
  private var hasHungUp = false
  private var watch = StreamWatch()

  /// The number of bytes from which nothing should be added.
  private static let limit = 256 << 10

  /// - Parameter isGuarded: Whether control characters are escaped for a terminal.
  init(isGuarded: Bool) {
    merger = LineInterleaver(isForTerminal: isGuarded)
    screen = isGuarded ? ScreenText() : nil
  }

  /// The number of bytes still to be written.
  var count: Int { pending.count }
  /// Whether nothing should be added.
  var isFull: Bool { pending.count >= Self.limit }
  /// The descriptor to wait on.
  var descriptor: FileDescriptor { stream.descriptor }

  /// Adds the bytes of a single client, none of which are held back.
  func add(_ bytes: Span<UInt8>) {
    guard let lines = screen?.take(bytes), let rest = screen?.takeUnfinished() else {
      return pending.append(copying: bytes)
    }
    pending += (lines + rest).utf8
  }

  /// Completes the output of a single client: an incomplete character is shown.
  func end() {
    screen?.finish()
    pending += (screen?.takeUnfinished() ?? "").utf8
  }

  /// Adds a client's bytes.
  func add(_ bytes: Span<UInt8>, of client: inout LineInterleaver.Contribution) {
    merger.add(bytes, of: &client, to: &pending)
  }

  /// Completes the last line of a client.
  func end(_ client: inout LineInterleaver.Contribution) { merger.end(&client, to: &pending) }

  /// Handles the result of a wait.
  ///
  /// - Throws: `EPIPE` if the reader has closed the pipe.
  func handle(_ event: Reactor.Event) throws(IOFailure) {
    if event.readiness.hasBroken {
      guard ![.pipe, .opaque].contains(stream.medium) else {
        throw IOFailure(.write(stream.name), .brokenPipe)
      }
      hasHungUp = true
    }
    isReady = true
  }

  /// Writes as much as fits now.
  func write() throws(IOFailure) {
    var written = 0
    defer { pending.removeFirst(written) }
    while isReady, written < pending.count {
      let bytes = pending
      switch try stream.write(bytes.span.extracting(written...)) {
      case .moved(let count):
        written += count
        // A shared stream accepts only as much as a wait has promised.
        if stream.needsWait { isReady = false }
      case .wouldBlock, .endOfStream: isReady = false
      }
    }
  }

  /// Registers with a reactor for missing readiness, and for the end of the reader.
  func settle(in reactor: Reactor) throws(IOFailure) {
    // A terminal that has hung up is reported again in every turn; a write to it fails anyway.
    let interest: Readiness? = hasHungUp ? nil : pending.isEmpty || isReady ? [] : .writable
    try watch.set(interest, of: descriptor, in: reactor, self)
  }

  /// Stops watching.
  func release() { watch.release() }

  /// Closes the stream.
  ///
  /// - Throws: The error that `close` reports for data that could not be written after all.
  func close() throws(IOFailure) {
    if stream.medium != .terminal { try stream.close() }
  }
}
