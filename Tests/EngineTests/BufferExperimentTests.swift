// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import Testing

@Suite(.timeLimit(.minutes(1)))
struct BufferExperimentTests {
  private static func measure(
    _ transport: LoopbackTransport, sendBuffer: Int? = nil, receiveBuffer: Int? = nil
  ) throws -> BufferMeasurement {
    var experiment = try BufferExperiment(over: transport)
    experiment.settings.sendBuffer = sendBuffer
    experiment.settings.receiveBuffer = receiveBuffer
    return try experiment.run()
  }

  @Test func `what TCP takes lies in the two buffers, and nowhere else`() throws {
    let found = try Self.measure(.tcp, sendBuffer: 32_768, receiveBuffer: 16_384)
    #expect(found.transport == .tcp)
    #expect(found.bytesTaken > 0)
    #expect(found.bytesInSender > 0 && found.bytesInReceiver > 0)
    #expect(found.bytesInSender + found.bytesInReceiver == found.bytesTaken)
    #expect((1...found.bytesTaken).contains(found.writes))
    #expect(found.datagrams == nil)
  }

  @Test func `what a Unix socket takes lies at the receiver, and the sender's buffer limits it`() throws {
    let small = try Self.measure(.unix, sendBuffer: 8192, receiveBuffer: 65_536)
    let large = try Self.measure(.unix, sendBuffer: 65_536, receiveBuffer: 8192)
    for found in [small, large] {
      #expect(found.bytesTaken > 0)
      #expect(found.bytesInReceiver == found.bytesTaken)
      #expect(found.bytesInSender == 0)
    }
    #expect(small.bytesTaken < large.bytesTaken)
  }

  @Test func `a datagram is kept or counted as dropped`() throws {
    let found = try Self.measure(.udp, receiveBuffer: 16_384)
    let datagrams = try #require(found.datagrams)
    #expect(datagrams.kept > 0 && datagrams.dropped > 0)
    #expect(datagrams.kept + datagrams.dropped == datagrams.sent)
    #expect(datagrams.sent == found.writes)
    #expect(found.bytesInSender == 0)
    #expect(found.bytesTaken * datagrams.kept == found.bytesInReceiver * datagrams.sent)
  }

  @Test(arguments: LoopbackTransport.allCases)
  func `a size that is asked for is doubled, on its side alone`(_ transport: LoopbackTransport) throws {
    let send = try Self.measure(transport, sendBuffer: 8192)
    #expect(send.sendBuffer.requested == 8192)
    #expect(send.sendBuffer.effective == 16_384)
    #expect(send.sendBuffer.effectiveAfter == 16_384)
    #expect(send.sendBuffer.answer == .doubled)
    #expect(send.receiveBuffer.answer == .none)
    let receive = try Self.measure(transport, receiveBuffer: 8192)
    #expect(receive.receiveBuffer.effective == 16_384)
    #expect(receive.receiveBuffer.effectiveAfter == 16_384)
    #expect(receive.sendBuffer.answer == .none)
  }

  @Test(arguments: LoopbackTransport.allCases)
  func `larger buffers take more`(_ transport: LoopbackTransport) throws {
    let kept = try [8192, 32_768, 131_072].map {
      let found = try Self.measure(transport, sendBuffer: $0, receiveBuffer: $0)
      return found.bytesInSender + found.bytesInReceiver
    }
    #expect(kept[0] < kept[1] && kept[1] < kept[2], "\(kept)")
  }

  @Test(arguments: LoopbackTransport.allCases)
  func `more than the maximum is cut, and less than the least is raised`(
    _ transport: LoopbackTransport
  ) throws {
    let found = try Self.measure(transport, sendBuffer: Int(Int32.max), receiveBuffer: 1)
    #expect(found.sendBuffer.answer == .cut)
    #expect(found.sendBuffer.effective == found.sendBuffer.limit.maximum * 2)
    #expect(found.receiveBuffer.answer == .raised)
    #expect(found.receiveBuffer.effective > 2)
  }

  @Test func `only TCP has a maximum of its own tuning`() throws {
    #expect(
      try BufferLimit(of: .send, for: .tcp).tuningMaximum == KernelParameter.tcpSendBuffer.numbers?.last)
    #expect(
      try BufferLimit(of: .receive, for: .tcp).tuningMaximum == KernelParameter.tcpReceiveBuffer.numbers?.last
    )
    #expect(try BufferLimit(of: .send, for: .unix).tuningMaximum == nil)
    #expect(try BufferLimit(of: .send, for: .udp).tuningMaximum == nil)
  }
}

struct BufferSizeTests {
  @Test(arguments: [
    (nil, 4608, BufferSize.Answer.none), (4096, 8192, .doubled), (1, 4608, .raised), (4096, 8190, .cut),
  ])
  func `the kernel's answer follows from what was asked and given`(
    _ requested: Int?, _ effective: Int, _ answer: BufferSize.Answer
  ) {
    let size = BufferSize(
      .send, requested: requested, initial: 4608, effective: effective, effectiveAfter: effective,
      limit: BufferLimit(maximum: 4095))
    #expect(size.answer == answer)
  }
}

struct BufferSweepTests {
  @Test(arguments: [
    (4095, [4095]), (4096, [4096]), (4097, [4096, 4097]), (16_384, [4096, 8192, 16_384]),
    (212_992, [4096, 8192, 16_384, 32_768, 65_536, 131_072, 212_992]),
  ])
  func `sizes double to the maximum, which is the last`(_ maximum: Int, _ sizes: [Int]) {
    #expect(BufferSweep.sizes(upTo: maximum) == sizes)
  }
}
