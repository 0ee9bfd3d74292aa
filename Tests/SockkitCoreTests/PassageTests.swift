// SPDX-License-Identifier: GPL-3.0-or-later

import SocketTestSupport
import Sockets
import SockkitCore
import SystemPackage
import Testing

struct PassageTests {
  /// Two connections with a passage from the end of one to the beginning of the other.
  private struct Course {
    let from: ConnectedPair
    let to: ConnectedPair
    let supplies: Passage.Supplies
    var passage: Passage

    init(rate: Int? = nil, pipes: Int = 4) throws {
      from = try ConnectedPair()
      to = try ConnectedPair()
      supplies = Passage.Supplies(pipes: pipes)
      passage = Passage(rate: rate)
    }

    mutating func move(at now: Deadline = .now) throws -> Passage.Want {
      try passage.move(from: from.far.number, to: to.near.number, using: supplies, at: now)
    }

    /// Sends as much of some bytes as fits.
    func send(_ bytes: ArraySlice<UInt8>) throws -> Int {
      guard case .moved(let count) = try Transfer.send(to: from.near.number, from: bytes.span) else {
        return 0
      }
      return count
    }

    /// What has arrived.
    func arrived() throws -> [UInt8] {
      var result: [UInt8] = []
      var storage = [UInt8](repeating: 0, count: 64 << 10)
      while true {
        var buffer = storage.mutableSpan
        guard case .moved(let count) = try Transfer.receive(from: to.far.number, into: &buffer) else {
          return result
        }
        result += storage.prefix(count)
      }
    }
  }

  private static let bytes = (0..<(3 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }

  @Test func `a few bytes pass at once, and cost no pipe`() throws {
    var course = try Course()
    #expect(try course.move() == .source)
    #expect(try course.send([1, 2, 3]) == 3)
    #expect(try course.move() == .source)
    #expect(try course.arrived() == [1, 2, 3])
    #expect(course.passage.taken == 3 && course.passage.passed == 3)
    #expect(course.supplies.pipeCount == 0)
  }

  @Test(arguments: [0, 1, 4]) func `a stream arrives unchanged, whatever pipes there are`(pipes: Int) throws {
    var course = try Course(pipes: pipes)
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
    #expect(course.supplies.pipeCount <= pipes)
  }

  @Test func `nothing more is taken while the sink accepts nothing`() throws {
    var course = try Course()
    var wants: [Passage.Want] = []
    var sent = 0
    for _ in 0..<200 {
      sent += try course.send(Self.bytes.prefix(60_000))
      wants.append(try course.move())
    }
    #expect(wants.suffix(50).allSatisfy { $0 == .sink })
    #expect(course.passage.taken < 4 << 20 && course.passage.taken < sent)
    #expect(course.passage.isHolding)
    _ = try course.arrived()
    _ = try course.move()
    #expect(course.passage.passed > 0)
  }

  @Test func `the end comes after all that came before it`() throws {
    var course = try Course()
    #expect(try course.send([7]) == 1)
    try course.from.near.shutdownSending()
    var want = try course.move()
    if want == .source { want = try course.move() }
    #expect(want == .nothing && course.passage.hasEnded)
    #expect(try course.arrived() == [7])
  }

  @Test func `a sink that is gone is told apart from a source that is`() throws {
    var course = try Course()
    #expect(try course.send([7]) == 1)
    try course.to.near.shutdownSending()
    #expect(throws: PassageFailure.sink(.brokenPipe)) { _ = try course.move() }
    course.passage.abandon(course.supplies)
    #expect(!course.passage.isHolding)
    #expect(try course.move() == .nothing)
  }

  @Test func `a rate lets a part pass, and says when to come again`() throws {
    var course = try Course(rate: 1000)
    #expect(try course.send(Self.bytes.prefix(1000)) == 1000)
    let now = Deadline.now
    guard case .moment(let next) = try course.move(at: now) else {
      Issue.record("everything passed")
      return
    }
    let taken = course.passage.taken
    #expect((20...120).contains(taken))
    #expect(next > now && next <= now + .milliseconds(120))
    _ = try course.move(at: now + .milliseconds(100))
    #expect((80...100).contains(course.passage.taken - taken))
  }
}
