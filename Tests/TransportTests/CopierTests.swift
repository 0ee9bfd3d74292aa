// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import SocketTestSupport
import Sockets
import SystemPackage
import Testing
import Transport

struct CopierTests {
  /// Two connections with a copier from the end of one to the start of the other.
  private final class Course {
    let source: StreamSocket
    let to: SocketStream
    let sink: StreamSocket
    let resources: CopyResources
    var copier: Copier

    init(rate: Int? = nil, pipes: Int = 4, limit: ReceiveLimit? = nil) throws {
      let listener = try Listener.unique()
      source = try Connector().connect(to: [listener.local])
      let from = SocketStream(try listener.acceptWaiting())
      to = SocketStream(try Connector().connect(to: [listener.local]))
      sink = try listener.acceptWaiting()
      resources = CopyResources(pipes: pipes)
      copier = Copier(from: from, to: to, with: resources, rate: rate, limit: limit)
    }

    /// Moves what can be moved, as if all awaited events had occurred.
    func move(at now: Deadline = .now) throws -> Copier.Blocker {
      copier.note(source: true, sink: true)
      copier.note(now)
      let step = copier.move(fills: 16)
      if let failure = step.failure { throw failure }
      return copier.blocker
    }

    /// Sends as much of some bytes as fits.
    func send(_ bytes: ArraySlice<UInt8>) throws -> Int {
      guard case .moved(let count) = try Transfer.send(to: source.descriptor, from: bytes.span) else {
        return 0
      }
      return count
    }

    /// The bytes that have arrived.
    func arrived() throws -> [UInt8] {
      var result: [UInt8] = []
      var storage = [UInt8](repeating: 0, count: 64 << 10)
      while true {
        var buffer = storage.mutableSpan
        guard case .moved(let count) = try Transfer.receive(from: sink.descriptor, into: &buffer) else {
          return result
        }
        result += storage.prefix(count)
      }
    }
  }

  private static let bytes = (0..<(3 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }

  @Test(arguments: [1, 70_000])
  func `exactly as many bytes are taken as the limit allows`(limit: Int) throws {
    let course = try Course(limit: .bytes(limit))
    var sent = 0
    while sent <= limit { sent += try course.send(Self.bytes[sent..<(sent + 50_000)]) }
    var arrived: [UInt8] = []
    while try course.move() != .nothing { arrived += try course.arrived() }
    arrived += try course.arrived()
    #expect(arrived == Array(Self.bytes[..<limit]))
    #expect(course.copier.hasEnded && course.copier.taken == limit)
  }

  @Test func `each receive counts as one packet, and has a limited size`() throws {
    let course = try Course(limit: .packets(2))
    let size = ReceiveLimit.packetSize
    #expect(try course.send(Self.bytes[..<(size + 1)]) == size + 1)
    course.copier.note(source: true, sink: true)
    let first = course.copier.move()
    #expect(first.taken == size && !first.hasReachedLimit)
    course.copier.note(source: true, sink: true)
    let second = course.copier.move()
    #expect(second.taken == 1 && second.hasReachedLimit && !second.hasEnded)
    #expect(course.copier.blocker == .nothing && course.resources.pipeCount == 0)
  }

  @Test func `a few bytes pass at once, and cost no pipe`() throws {
    let course = try Course()
    #expect(try course.move() == .source)
    #expect(try course.send([1, 2, 3]) == 3)
    #expect(try course.move() == .source)
    #expect(try course.arrived() == [1, 2, 3])
    #expect(course.copier.taken == 3 && course.copier.passed == 3)
    #expect(course.resources.pipeCount == 0)
  }

  @Test(arguments: [0, 1, 4]) func `a stream arrives unchanged, whatever pipes there are`(pipes: Int) throws {
    let course = try Course(pipes: pipes)
    var sent = 0
    var arrived: [UInt8] = []
    var round = 0
    while arrived.count < Self.bytes.count {
      sent += try course.send(Self.bytes[sent...])
      _ = try course.move()
      // The reader is slower than the writer.
      if round % 3 == 0 { arrived += try course.arrived() }
      round += 1
      try #require(round < 10_000)
    }
    #expect(arrived == Self.bytes)
    #expect(course.resources.pipeCount <= pipes)
  }

  @Test func `nothing more is taken while the sink accepts nothing`() throws {
    let course = try Course()
    var wants: [Copier.Blocker] = []
    var sent = 0
    for _ in 0..<200 {
      sent += try course.send(Self.bytes.prefix(60_000))
      wants.append(try course.move())
    }
    #expect(wants.suffix(50).allSatisfy { $0 == .sink })
    #expect(course.copier.taken < 4 << 20 && course.copier.taken < sent)
    #expect(course.copier.isHolding)
    _ = try course.arrived()
    _ = try course.move()
    #expect(course.copier.passed > 0)
  }

  @Test func `the end comes after all that came before it`() throws {
    let course = try Course()
    #expect(try course.send([7]) == 1)
    try course.source.shutdownSending()
    var want = try course.move()
    if want == .source { want = try course.move() }
    #expect(want == .nothing && course.copier.hasEnded)
    #expect(try course.arrived() == [7])
  }

  @Test func `a sink that is gone is told apart from a source that is`() throws {
    let course = try Course()
    #expect(try course.send([7]) == 1)
    _ = try course.to.finish()
    #expect(throws: SideFailure.sink(course.to.writeError(.brokenPipe))) { _ = try course.move() }
    course.copier.abandon()
    #expect(!course.copier.isHolding)
    #expect(try course.move() == .nothing)
  }

  @Test func `a rate lets a part pass, and says when to come again`() throws {
    let course = try Course(rate: 1000)
    #expect(try course.send(Self.bytes.prefix(1000)) == 1000)
    let now = Deadline.now
    guard case .moment(let next) = try course.move(at: now) else {
      Issue.record("everything passed")
      return
    }
    let taken = course.copier.taken
    #expect((20...120).contains(taken))
    #expect(next > now && next <= now + .milliseconds(120))
    _ = try course.move(at: now + .milliseconds(100))
    #expect((80...100).contains(course.copier.taken - taken))
  }
}
