// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Sockets
import SystemPackage
import Testing

struct DatagramSocketTests {
  private static var loopbacks: [IPAddress] {
    [.ipv4([127, 0, 0, 1]), .ipv6([UInt8](repeating: 0, count: 15) + [1], zone: 0)]
  }
  private let nothing: [UInt8] = []

  /// Waits for the next datagrams, which on loopback have already arrived.
  private func receive(
    _ batch: DatagramBatch, from socket: borrowing DatagramSocket
  ) throws -> Bool {
    var readiness = PollSet()
    readiness.add(socket.descriptor, for: .readable)
    guard try readiness.wait(until: .after(.seconds(10))) else { return false }
    return try socket.receive(into: batch)
  }

  @Test(arguments: loopbacks)
  func `datagrams arrive as they were sent, with their source, time and destination`(
    loopback: IPAddress
  ) throws {
    let receiver = try DatagramSocket.bound(to: .internet(loopback, port: 0))
    let sender = try DatagramSocket.sending(to: receiver.local)
    let batch = try DatagramBatch(over: loopback.family)
    let before = Int64(time(nil)) * 1_000_000_000
    let longest = [UInt8](repeating: 7, count: Datagram.maximumLength(over: loopback.family))
    for payload in [[1, 2, 3], nothing, longest] {
      batch.removeAll()
      try batch.append(payload.span, nothing.span)
      #expect(try sender.send(batch, from: 0, count: 1) == 1)
      #expect(try receive(batch, from: receiver))
      try #require(batch.count == 1)
      #expect(batch.withBytes(at: 0) { span in span.indices.map { span[$0] } } == payload)
      let datagram = batch.datagram(at: 0)
      #expect(datagram.source == sender.local)
      #expect(datagram.destination == receiver.local)
      #expect(datagram.length == payload.count && !datagram.isTruncated)
      #expect((datagram.received ?? 0) >= before)
    }
    #expect(try !receiver.receive(into: batch))
  }

  @Test func `many are sent and received by one call each, and no more than are wanted`() throws {
    let receiver = try DatagramSocket.bound(to: .internet(Self.loopbacks[0], port: 0), detail: .none)
    let sender = try DatagramSocket.sending(to: receiver.local)
    let batch = try DatagramBatch(over: .ipv4)
    for number in 0..<10 { try batch.append([UInt8(number)].span, nothing.span) }
    #expect(try sender.send(batch, from: 2, count: 8) == 8)
    #expect(try receiver.receive(into: batch, limit: 3))
    #expect(batch.count == 3)
    #expect(batch.withBytes(at: 2) { $0[0] } == 4)
    #expect(try receiver.receive(into: batch))
    #expect(batch.count == 5)
  }

  @Test func `a dual-stack socket says which IPv4 address was asked, and answers from it`() throws {
    let server = try DatagramSocket.bound(to: .internet(.anyIPv6, port: 0), isDualStack: true)
    let asked = Address.internet(.ipv4([127, 0, 0, 9]), port: server.local.port ?? 0)
    let client = try DatagramSocket.sending(to: asked, wantsReplies: true)
    let (questions, answers) = (try DatagramBatch(over: .ipv6), try DatagramBatch(over: .ipv6))
    try questions.append([1].span, nothing.span)
    #expect(try client.send(questions, from: 0, count: 1) == 1)
    #expect(try receive(questions, from: server))
    #expect(questions.datagram(at: 0).destination == asked)
    #expect(questions.datagram(at: 0).source.family == .ipv4)
    try answers.append([2].span, [3].span, answering: 0, of: questions)
    #expect(try server.send(answers, from: 0, count: 1) == 1)
    // A connected socket receives only from the address that it is connected to.
    #expect(try receive(answers, from: client))
    #expect(answers.datagram(at: 0).source == asked)
    #expect(answers.withBytes(at: 0) { [$0[0], $0[1]] } == [2, 3])
  }

  @Test func `a datagram that is longer than the room for it is cut, and said to be`() throws {
    let receiver = try DatagramSocket.bound(to: .internet(Self.loopbacks[0], port: 0))
    let sender = try DatagramSocket.sending(to: receiver.local)
    let long = try DatagramBatch(over: .ipv4)
    try long.append([1, 2, 3, 4, 5].span, nothing.span)
    #expect(try sender.send(long, from: 0, count: 1) == 1)
    let short = try DatagramBatch(over: .ipv4, size: 3)
    #expect(try receive(short, from: receiver))
    #expect(short.datagram(at: 0).isTruncated && short.datagram(at: 0).length == 3)
  }

  @Test func `a refusal is heard of`() throws {
    // A port outside the range of ephemeral ports.
    let address = Address.internet(.ipv4([127, 77, 1, 1]), port: 9)
    let sender = try DatagramSocket.sending(to: address)
    let batch = try DatagramBatch(over: .ipv4)
    try batch.append([1].span, nothing.span)
    #expect(try sender.send(batch, from: 0, count: 1) == 1)
    #expect(try sender.nextError() == IOFailure(.sendDatagram(to: address), .connectionRefused))
    #expect(try sender.nextError() == nil)
  }

  @Test func `Unix datagrams have a sender that can be answered where replies are wanted`() throws {
    let path = "/tmp/sockkit-datagrams-\(getpid())"
    do {
      let receiver = try DatagramSocket.bound(to: .unix(path: path))
      let batch = try DatagramBatch(over: .unix)
      for (wantsReplies, isNamed) in [(false, false), (true, true)] {
        let sender = try DatagramSocket.sending(to: .unix(path: path), wantsReplies: wantsReplies)
        batch.removeAll()
        try batch.append([1].span, nothing.span)
        #expect(try sender.send(batch, from: 0, count: 1) == 1)
        #expect(try receive(batch, from: receiver))
        #expect((batch.datagram(at: 0).source != .unnamed) == isNamed)
      }
      #expect(throws: IOFailure(.bind(.unix(path: path)), .addressInUse)) {
        let second = try DatagramSocket.bound(to: .unix(path: path))
        #expect(second.descriptor.rawValue < 0)
      }
    }
    unsafe #expect(access(path, F_OK) != 0)
  }

  @Test func `a Unix datagram that waits is not taken for an error`() throws {
    let path = "/tmp/sockkit-waiting-\(getpid())"
    let server = try DatagramSocket.bound(to: .unix(path: path))
    let client = try DatagramSocket.sending(to: .unix(path: path), wantsReplies: true)
    let (questions, answers) = (try DatagramBatch(over: .unix), try DatagramBatch(over: .unix))
    try questions.append([1].span, nothing.span)
    #expect(try client.send(questions, from: 0, count: 1) == 1)
    #expect(try receive(questions, from: server))
    try answers.append([2].span, nothing.span, answering: 0, of: questions)
    #expect(try server.send(answers, from: 0, count: 1) == 1)
    #expect(try client.nextError() == nil)
    #expect(try receive(answers, from: client))
    #expect(answers.withBytes(at: 0) { $0[0] } == 2)
  }

  @Test func `what the kernel drops is counted`() throws {
    var settings = DatagramSettings()
    settings.receiveBuffer = 1
    let receiver = try DatagramSocket.bound(
      to: .internet(Self.loopbacks[0], port: 0), settings: settings)
    let sender = try DatagramSocket.sending(to: receiver.local)
    let batch = try DatagramBatch(over: .ipv4)
    for number in 0..<64 { try batch.append([UInt8(number)].span, nothing.span) }
    var sent = 0
    while sent < 64 { sent += try sender.send(batch, from: sent, count: 64 - sent) }
    var received = 0
    while try receiver.receive(into: batch) { received += batch.count }
    #expect(received < 64)
    #expect(try receiver.droppedCount() == 64 - received)
  }

  @Test(arguments: [
    ("239.1.2.3", true), ("239.1.2.3%lo", true), ("ff02::1%lo", true), ("ff15::1", true),
    ("127.0.0.1", false), ("239.1.2.3%nowhere", false), ("::1", false), ("", false), ("239.1.2.3%", false),
  ])
  func `a membership is a group, with an interface that there is`(text: String, isValid: Bool) {
    #expect((MulticastMembership(text) != nil) == isValid)
  }
}
