// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import Testing

struct LoopGuardTests {
  private static func peer(_ port: UInt16) -> Address { .internet(.ipv4([192, 0, 2, 1]), port: port) }
  private static let start = Deadline.now

  private static func verdicts(
    _ loops: inout LoopGuard, of count: Int, at now: Deadline = start, _ question: (Int) -> [UInt8]
  ) -> [LoopGuard.Verdict] {
    (0..<count).map { loops.judge(question($0).span, from: peer(4000), at: now) }
  }

  @Test func `what is alike is answered so often within a second, and again in the next`() {
    var loops = LoopGuard()
    for second in 0..<3 {
      let now = Self.start + .seconds(second)
      let verdicts = Self.verdicts(&loops, of: LoopGuard.most + 3, at: now) { _ in [1, 2, 3] }
      #expect(verdicts.prefix(LoopGuard.most).allSatisfy { $0 == .answered })
      #expect(verdicts.dropFirst(LoopGuard.most) == [.suspected, .dropped, .dropped])
    }
  }

  @Test func `other datagrams and other peers are answered meanwhile`() {
    var loops = LoopGuard()
    _ = Self.verdicts(&loops, of: LoopGuard.most + 1) { _ in [1] }
    let long = [UInt8](repeating: 1, count: 5000)
    for (index, question) in [[], [2], [1, 1], long, long + [1], [2] + long, long + [2]].enumerated() {
      #expect(loops.judge(question.span, from: Self.peer(4000), at: Self.start) == .answered, "\(index)")
    }
    #expect(loops.judge([1].span, from: Self.peer(4001), at: Self.start) == .answered)
    // `dropped`, unless one of the others shared its entry, which is a matter of the seed of the hashes.
    #expect(loops.judge([1].span, from: Self.peer(4000), at: Self.start) != .answered)
  }

  @Test func `a flood of different datagrams is answered, and hides no loop`() {
    var loops = LoopGuard()
    let flood = Self.verdicts(&loops, of: 200_000) { number in
      number % 20 == 0 ? [0] : [1] + Array("\(number)".utf8)
    }
    #expect(flood.enumerated().allSatisfy { $0.offset % 20 == 0 || $0.element == .answered })
    #expect(flood.count { $0 == .suspected } == 1)
  }

  @Test func `answers that come back with a further prefix are alike, though they grow`() {
    var loops = LoopGuard(prefix: [7, 8])
    var question: [UInt8] = [1]
    let verdicts = Self.verdicts(&loops, of: LoopGuard.most + 2) { _ in
      question = [9, 7, 8] + question
      return question
    }
    #expect(verdicts.suffix(2) == [.suspected, .dropped])
  }
}
