// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sessions
import Sockets
import SystemPackage
import TestSupport
import Testing
import Text

@Suite(.timeLimit(.minutes(1)))
struct DatagramSessionTests {
  private let observer = RecordingObserver()

  @Test func `messages are sent in their order, each as often as asked for`() throws {
    let receiver = try DatagramSocket.bound(to: .internet(.ipv4([127, 0, 0, 1]), port: 0))
    let port = try #require(receiver.local.port)
    var invocation = DatagramSendInvocation(
      .given([Array("one".utf8), Array("two".utf8)]), to: .internet(host: "127.0.0.1", port: "\(port)"))
    invocation.repetitions = 2
    #expect(try DatagramSendSession(invocation, observer).run() == .success)
    let batch = try DatagramBatch(over: .ipv4)
    var received: [String] = []
    while try receiver.receive(into: batch) {
      for index in 0..<batch.count {
        received.append(batch.withBytes(at: index) { String(decoding: [UInt8](copying: $0), as: UTF8.self) })
      }
    }
    #expect(received == ["one", "one", "two", "two"])
    guard case .sending? = observer.events.first, case .exchanged(let sent, _, _)? = observer.events.last
    else {
      Issue.record("\(observer.events)")
      return
    }
    #expect((sent.datagrams, sent.bytes) == (4, 12))
  }

  @Test func `a host that is unknown is a failure`() {
    let invocation = DatagramSendInvocation(
      .given([[]]), to: .internet(host: "no-such-host.invalid", port: "5000"))
    let failure = #expect(throws: Failure.self) { try DatagramSendSession(invocation, observer).run() }
    #expect(failure?.status == .unknownName)
  }

  @Test func `a receiver without a datagram is late, and removes the file of its socket`() throws {
    let directory = try TemporaryDirectory()
    var invocation = DatagramReceiveInvocation(on: .unix(directory.file("socket")))
    invocation.limit = .milliseconds(20)
    let failure = #expect(throws: Failure.self) { try DatagramReceiveSession(invocation, observer).run() }
    #expect(failure?.status == .timedOut)
    #expect(failure?.message.hasSuffix("timed out, nothing came") == true)
    #expect(!directory.has("socket"))
  }
}
