// SPDX-License-Identifier: GPL-3.0-or-later

import SockkitCore
import Testing

struct QueueTests {
  @Test func `what comes first leaves first, however additions and removals mix`() {
    var random = SystemRandomNumberGenerator()
    var queue = Queue<Int>()
    var expected: [Int] = []
    for number in 0..<5000 {
      if Int.random(in: 0..<5, using: &random) < 3 {
        queue.append(number)
        expected.append(number)
      } else {
        #expect(queue.popFirst() == (expected.isEmpty ? nil : expected.removeFirst()))
      }
      #expect(queue.count == expected.count && queue.first == expected.first)
    }
    #expect(expected.indices.allSatisfy { queue[$0] == expected[$0] })
  }

  @Test func `an element is changed in its place`() {
    var queue = Queue<[Int]>()
    for number in 0..<3 { queue.append([number]) }
    _ = queue.popFirst()
    queue[1].append(7)
    #expect(queue.popFirst() == [1])
    #expect(queue.popFirst() == [2, 7])
    #expect(queue.isEmpty)
  }
}
