// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import Transport

struct WriteQueueTests {
  /// Takes all bytes, at most `most` at a time.
  private static func drain(_ outbox: inout WriteQueue, _ most: Int) -> [UInt8] {
    var all: [UInt8] = []
    while !outbox.isEmpty {
      _ = outbox.offer { bytes in
        let part = bytes.extracting(first: most)
        for index in 0..<part.count { all.append(part[index]) }
        return part.count
      }
    }
    return all
  }

  @Test(arguments: [1, 2, 3, 100])
  func `what goes in comes out, however much is taken at a time`(most: Int) {
    var outbox = WriteQueue()
    outbox.append([0, 1, 2], from: 1)
    outbox.append([3, 4, 5])
    outbox.append([])
    outbox.append([0, 0, 6], from: 2)
    outbox.append([9], from: 1)
    #expect(outbox.count == 6)
    #expect(Self.drain(&outbox, most) == [1, 2, 3, 4, 5, 6])
    outbox.append([7])
    #expect(Self.drain(&outbox, most) == [7])
  }

  @Test func `it is full by its bytes, and by its parts`() {
    var outbox = WriteQueue()
    outbox.append([UInt8](repeating: 0, count: WriteQueue.limit - 1))
    #expect(!outbox.isFull)
    outbox.append([0])
    #expect(outbox.isFull)
    outbox.removeAll()
    #expect(outbox.isEmpty && !outbox.isFull)
    for _ in 0..<WriteQueue.mostParts { outbox.append([0]) }
    #expect(outbox.isFull)
  }
}
