// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Glibc
import Reactor
import SocketTestSupport
import Sockets
import SystemPackage
import Testing
import Transport

/// A pipe without a reader.
private final class BlockedPipe: ByteSink {
  private let pipe: Pipe

  init() throws { pipe = try Pipe() }

  var medium: DescriptorKind { .pipe }
  var descriptor: FileDescriptor { pipe.input }

  func write(_ buffer: Span<UInt8>) throws(IOFailure) -> Transfer {
    do { return try .write(to: descriptor, from: buffer) } catch { throw writeError(error) }
  }

  func finish() -> Finish { .done }
  func writeError(_ code: Errno) -> IOFailure { IOFailure(.write("a pipe"), code) }
}

struct RelayTests {
  private static func signals() throws -> SignalQueue { try SignalQueue([]) }

  private static func limits() -> ConnectionLimits {
    var limits = ConnectionLimits()
    limits.deadline = .after(.seconds(30))
    return limits
  }

  /// Sends bytes on a socket and half-closes it.
  private static func send(_ bytes: [UInt8], on socket: borrowing StreamSocket) throws {
    if !bytes.isEmpty {
      #expect(try Transfer.send(to: socket.descriptor, from: bytes.span) == .moved(bytes.count))
    }
    try socket.shutdownSending()
  }

  /// Receives everything that has arrived on a socket.
  private static func receive(from socket: borrowing StreamSocket) throws -> [UInt8] {
    var result: [UInt8] = []
    var storage = [UInt8](repeating: 0, count: 65_536)
    while true {
      var buffer = storage.mutableSpan
      guard case .moved(let count) = try Transfer.receive(from: socket.descriptor, into: &buffer) else {
        return result
      }
      result += storage.prefix(count)
    }
  }

  @Test func `bytes pass both ways, in whatever pieces they come and go`() throws {
    let listener = try Listener.unique()
    let near = try Connector().connect(to: [listener.local])
    let far = try listener.acceptWaiting()
    try Self.send([9, 8, 7], on: far)
    let input = try MemoryStream(pieces: [[1], [2, 3], [4, 5, 6]])
    let output = try MemoryStream(writeLimit: 2)
    let relay = try Relay(
      input: input, output: output, peer: SocketStream(near), policy: RelayPolicy(), limits: Self.limits())
    let report = try relay.run(until: try Self.signals())
    #expect(report.outcome == .finished)
    #expect(output.written == [9, 8, 7] && output.isFinished)
    #expect(try Self.receive(from: far) == [1, 2, 3, 4, 5, 6])
    #expect(report.sent.passed == 6 && report.received.passed == 3)
  }

  @Test func `a peer that says nothing ends an idle relay`() throws {
    let listener = try Listener.unique()
    let near = try Connector().connect(to: [listener.local])
    let far = try listener.acceptWaiting()
    var limits = Self.limits()
    limits.idle = .milliseconds(20)
    let relay = try Relay(
      input: try MemoryStream(), output: try MemoryStream(), peer: SocketStream(near), policy: RelayPolicy(),
      limits: limits)
    #expect(try relay.run(until: try Self.signals()).outcome == .idle)
    withExtendedLifetime(far.descriptor) {}
  }

  @Test func `a relay that takes too long altogether is late`() throws {
    let listener = try Listener.unique()
    let near = try Connector().connect(to: [listener.local])
    let far = try listener.acceptWaiting()
    var limits = ConnectionLimits()
    limits.deadline = .after(.milliseconds(20))
    let relay = try Relay(
      input: try MemoryStream(), output: try MemoryStream(), peer: SocketStream(near), policy: RelayPolicy(),
      limits: limits)
    #expect(try relay.run(until: try Self.signals()).outcome == .late)
    withExtendedLifetime(far.descriptor) {}
  }

  @Test func `send-only discards what arrives and ends without the peer`() throws {
    let listener = try Listener.unique()
    let near = try Connector().connect(to: [listener.local])
    let far = try listener.acceptWaiting()
    #expect(try Transfer.send(to: far.descriptor, from: [1, 2, 3].span) == .moved(3))
    let output = try MemoryStream()
    var policy = RelayPolicy()
    policy.directions = .sendOnly
    let relay = try Relay(
      input: try MemoryStream(pieces: [[5]]), output: output, peer: SocketStream(near), policy: policy,
      limits: Self.limits())
    #expect(try relay.run(until: try Self.signals()).outcome == .finished)
    #expect(output.written.isEmpty && !output.isFinished)
    #expect(try Self.receive(from: far) == [5])
  }

  @Test func `without a half-close the peer's end is the end, even if the input goes on`() throws {
    let listener = try Listener.unique()
    let near = try Connector().connect(to: [listener.local])
    let far = try listener.acceptWaiting()
    try Self.send([9, 8, 7], on: far)
    let input = try Pipe()
    let output = try MemoryStream()
    let relay = try Relay(
      input: StandardStream(.input, at: input.output), output: output,
      peer: WholeStream(near, takesBytes: true), policy: RelayPolicy(), limits: Self.limits())
    #expect(try relay.run(until: try Self.signals()).outcome == .finished)
    #expect(output.written == [9, 8, 7])
    withExtendedLifetime(input.input) {}
  }

  @Test func `without a half-close, input that the peer's end leaves over is lost, which is a failure`()
    throws
  {
    let listener = try Listener.unique()
    let near = try Connector().connect(to: [listener.local])
    let far = try listener.acceptWaiting()
    try Self.send([9, 8, 7], on: far)
    let output = try MemoryStream()
    let relay = try Relay(
      input: try MemoryStream(pieces: [[1], [2]]), output: output,
      peer: WholeStream(near, takesBytes: false), policy: RelayPolicy(), limits: Self.limits())
    let report = try relay.run(until: try Self.signals())
    #expect(report.outcome == .failed(IOFailure(.send(to: "\(listener.local)"), .brokenPipe)))
    #expect(output.written == [9, 8, 7])
  }

  /// The processor time of this thread, in seconds.
  private static func threadTime() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  @Test func `a fast stream into a sink that is full waits without spinning`() throws {
    let listener = try Listener.open(on: .internet(.ipv4([127, 0, 0, 1]), port: 0))
    let near = try Connector().connect(to: [listener.local])
    let far = try listener.acceptWaiting()
    let block = [UInt8](repeating: 7, count: 1 << 20)
    while case .moved = try Transfer.send(to: far.descriptor, from: block.span) {}
    var limits = ConnectionLimits()
    limits.deadline = .after(.milliseconds(500))
    let relay = try Relay(
      input: try MemoryStream(), output: try BlockedPipe(), peer: SocketStream(near), policy: RelayPolicy(),
      limits: limits)
    let start = Self.threadTime()
    let report = try relay.run(until: try Self.signals())
    #expect(report.outcome == .late && report.received.passed > 0)
    #expect(Self.threadTime() - start < 0.25, "half of the time that was waited")
    withExtendedLifetime(far.descriptor) {}
  }
}
