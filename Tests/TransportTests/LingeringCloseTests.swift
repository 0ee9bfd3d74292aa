// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage
import Testing
import Transport

struct LingeringCloseTests {
  private static let limits = LingeringClose.Limits(
    silence: .seconds(1), total: .seconds(30), awaitsDelivery: true)
  private let start = Deadline.now
  private let stream = AcknowledgingStream()
  private let resources = CopyResources(size: 4096, pipes: 0)

  private func close(
    _ rule: CloseRule = .orderly, within limits: LingeringClose.Limits = Self.limits, sent: Int? = nil
  ) -> LingeringClose {
    LingeringClose(rule, of: stream, within: limits, sent: sent, at: start)
  }

  @Test func `it is over once the peer has finished and has received everything`() throws {
    let closing = close()
    stream.unacknowledged = 2
    #expect(try closing.proceed(with: resources, at: start) == .await(.readable))
    #expect(stream.calls == ["finish", "read"])
    stream.arrivals = [nil]
    #expect(try closing.proceed(with: resources, at: start + .milliseconds(1)) == .await([]))
    // A peer that has closed does not acknowledge the half-close.
    stream.unacknowledged = 1
    #expect(try closing.proceed(with: resources, at: start + .seconds(1)) == .over(isDelivered: true))
    #expect(stream.calls == ["finish", "read", "read"])
  }

  @Test func `a peer that continues to send is read from until it is silent`() throws {
    let closing = close()
    #expect(try closing.proceed(with: resources, at: start) == .await(.readable))
    #expect(closing.deadline == start + .seconds(1))
    let later = start + .milliseconds(900)
    stream.arrivals = [100]
    #expect(try closing.proceed(with: resources, at: later) == .await(.readable))
    #expect(try closing.proceed(with: resources, at: start + .milliseconds(1800)) == .await(.readable))
    #expect(try closing.proceed(with: resources, at: later + .seconds(1)) == .over(isDelivered: true))
  }

  @Test func `the wait for a peer that acknowledges nothing is limited`() throws {
    let closing = close()
    stream.unacknowledged = 5
    #expect(try closing.proceed(with: resources, at: start) == .await(.readable))
    #expect(try closing.proceed(with: resources, at: start + .seconds(29)) == .await(.readable))
    #expect(try closing.proceed(with: resources, at: start + .seconds(30)) == .over(isDelivered: false))
  }

  @Test func `a slow reader is waited for as long as it acknowledges bytes`() throws {
    let closing = close()
    stream.unacknowledged = 5
    #expect(try closing.proceed(with: resources, at: start) == .await(.readable))
    stream.unacknowledged = 4
    let later = start + .seconds(20)
    #expect(try closing.proceed(with: resources, at: later) == .await(.readable))
    #expect(try closing.proceed(with: resources, at: start + .seconds(31)) == .await(.readable))
    #expect(try closing.proceed(with: resources, at: later + .seconds(30)) == .over(isDelivered: false))
  }

  @Test func `an error ends it at once`() throws {
    let closing = close()
    stream.unacknowledged = 5
    #expect(try closing.proceed(with: resources, at: start) == .await(.readable))
    stream.pendingError = .errno(.connectionReset)
    #expect(throws: IOFailure(.send(to: "peer"), .connectionReset)) {
      try closing.proceed(with: resources, at: start + .seconds(1))
    }
  }

  @Test func `a connection that will be reset is neither half-closed nor read from`() throws {
    let closing = close(.abort)
    stream.unacknowledged = 1
    #expect(try closing.proceed(with: resources, at: start) == .await([]))
    stream.unacknowledged = 0
    #expect(try closing.proceed(with: resources, at: start + .seconds(1)) == .over(isDelivered: true))
    #expect(stream.calls.isEmpty)
  }

  @Test func `without a wait for delivery the peer's end suffices if it has acknowledged everything`()
    throws
  {
    let limits = LingeringClose.Limits(silence: .seconds(2), total: .seconds(2), awaitsDelivery: false)
    stream.unacknowledged = 7
    stream.arrivals = [10, nil]
    let closing = close(within: limits, sent: 7)
    #expect(try closing.proceed(with: resources, at: start) == .await(.readable))
    #expect(try closing.proceed(with: resources, at: start) == .over(isDelivered: true))
    stream.arrivals = [nil]
    stream.hiddenError = .errno(.connectionReset)
    let failing = close(within: limits, sent: 7)
    #expect(throws: IOFailure(.send(to: "peer"), .connectionReset)) {
      try failing.proceed(with: resources, at: start)
    }
  }

  @Test func `an end that has to wait is sent before anything is read`() throws {
    let closing = close()
    stream.finishes = [.wouldBlock, .done]
    #expect(try closing.proceed(with: resources, at: start) == .await(.writable))
    #expect(try closing.proceed(with: resources, at: start) == .await(.readable))
    #expect(stream.calls == ["finish", "finish", "read"])
  }

  @Test func `a connection that no longer exists has failed only if bytes were left`() throws {
    stream.finishes = [.disconnected, .disconnected]
    #expect(try close().proceed(with: resources, at: start) == .await(.readable))
    stream.unacknowledged = 3
    #expect(throws: IOFailure(.send(to: "peer"), .brokenPipe)) {
      try close().proceed(with: resources, at: start)
    }
  }

  @Test func `delivery is checked less and less often`() throws {
    let closing = close()
    stream.unacknowledged = 1
    var now = start
    var pauses: [Duration] = []
    for _ in 0..<9 {
      _ = try closing.proceed(with: resources, at: now)
      pauses.append(now.duration(until: closing.deadline))
      now = closing.deadline
    }
    #expect(pauses == [1, 2, 4, 8, 16, 32, 50, 50, 50].map { .milliseconds($0) })
  }
}

/// A stream whose peer acknowledges, sends and finishes as the test states.
private final class AcknowledgingStream: ByteStream {
  var unacknowledged = 0
  /// The results of reads: numbers of bytes, or `nil` for end-of-stream.
  var arrivals: [Int?] = []
  /// The results of `finish`; done after these.
  var finishes: [Finish] = []
  var pendingError: IOFailure.Reason?
  var hiddenError: IOFailure.Reason?
  private(set) var calls: [String] = []

  var medium: DescriptorKind { .opaque }
  var descriptor: FileDescriptor { FileDescriptor(rawValue: -1) }
  var name: String { "peer" }
  var remote: Address { .unnamed }
  var local: Address { .unnamed }
  var failure: IOFailure.Reason? { nil }

  func read(into buffer: inout MutableSpan<UInt8>, atMost limit: Int) throws(IOFailure) -> Transfer {
    calls.append("read")
    guard !arrivals.isEmpty else { return .wouldBlock }
    return arrivals.removeFirst().map { .moved($0) } ?? .endOfStream
  }
  func write(_ buffer: Span<UInt8>, moreFollows: Bool) throws(IOFailure) -> Transfer { .wouldBlock }
  func finish() throws(IOFailure) -> Finish {
    calls.append("finish")
    return finishes.isEmpty ? .done : finishes.removeFirst()
  }
  func unreadBytes() throws(IOFailure) -> Int { 0 }
  func unacknowledgedBytes() throws(IOFailure) -> Int { unacknowledged }
  func acknowledgedBytes() -> Int? { nil }
  func lastDelivery(at now: Deadline) -> Deadline? { nil }
  func probePeer() throws(IOFailure) {}
  func takeError() throws(IOFailure) -> IOFailure.Reason? { pendingError.take() }
  func didFail(_ reason: IOFailure.Reason) {}
  func errorBehindEnd(received: Int?, sent: Int?) -> IOFailure.Reason? { hiddenError }
  func stopLingering() throws(IOFailure) {}
  func setCloseRule(_ rule: CloseRule) throws(IOFailure) -> Finish { .done }
}
