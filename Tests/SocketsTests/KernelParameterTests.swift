// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Testing

struct KernelParameterTests {
  @Test func `a parameter is what its file says`() throws {
    let numbers = try #require(KernelParameter.tcpSendBuffer.numbers)
    #expect(numbers.count == 3)
    #expect(numbers == numbers.sorted() && numbers[0] > 0)
    #expect(KernelParameter.tcpSendBuffer.words == numbers.map(String.init))
  }

  @Test func `a parameter that is words has no numbers`() throws {
    let words = try #require(KernelParameter.congestionControls.words)
    #expect(words.contains("reno"))
    #expect(KernelParameter.congestionControls.numbers == [])
    #expect(SystemInventory.congestionControls == words)
  }
}
