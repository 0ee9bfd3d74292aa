// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Handshakes
import Reactor
import SocketTestSupport
import Sockets
import SystemPackage
import Testing
import Transport

/// A handshake that a `HandshakeStream` runs over a connection.
struct HandshakeStreamTests {
  /// Sends a greeting of some length, waits for `OK.`, and thanks for it; the payload follows.
  private struct Greeting: Handshake {
    let greeting: [UInt8]
    private var hasBegun = false
    private var received: [UInt8] = []

    private static let answer = Array("OK.".utf8)

    init(length: Int = 6) { greeting = [UInt8](repeating: UInt8(ascii: "h"), count: length) }

    var prematureEnd: IOFailure { IOFailure(.secure(with: "peer"), .truncated("ended")) }

    mutating func step(_ input: Span<UInt8>, _ output: inout [UInt8]) throws(IOFailure) -> HandshakeStep {
      if !hasBegun { output += greeting }
      hasBegun = true
      for index in 0..<input.count {
        guard input[index] == Self.answer[received.count] else {
          throw IOFailure(.secure(with: "peer"), .peerProtocol("no answer"))
        }
        received.append(input[index])
        guard received.count == Self.answer.count else { continue }
        output += Array("thanks".utf8)
        return .complete(taken: index + 1)
      }
      return .incomplete
    }
  }

  /// A stream with a handshake, and the socket at its other end.
  private final class Line {
    let stream: HandshakeStream
    let peer: StreamSocket

    init(
      at address: Address = .internet(.loopbackIPv4, port: 0), _ greeting: Greeting = Greeting(),
      observe: ((TrafficDirection, ArraySlice<UInt8>) -> Void)? = nil
    ) throws {
      let listener = try Listener.open(on: address)
      let near = SocketStream(try Connector().connect(to: [listener.local]))
      try listener.descriptor.wait(for: .readable, until: .after(.seconds(30)))
      peer = try listener.acceptWaiting()
      stream = HandshakeStream(over: near, greeting)
      if let observe { stream.observeHandshake(observe) }
    }

    func send(_ text: String) throws {
      _ = try Transfer.send(to: peer.descriptor, from: Array(text.utf8).span)
    }

    /// Waits until this many bytes can be read.
    func receive(_ count: Int) throws -> String {
      var bytes: [UInt8] = []
      while bytes.count < count {
        try peer.descriptor.wait(for: .readable, until: .after(.seconds(30)))
        var buffer = [UInt8](repeating: 0, count: count - bytes.count)
        var space = buffer.mutableSpan
        guard case .moved(let moved) = try Transfer.receive(from: peer.descriptor, into: &space, atMost: .max)
        else {
          break
        }
        bytes += buffer[..<moved]
      }
      return String(decoding: bytes, as: UTF8.self)
    }

    /// Waits for the stream's own interest.
    func wait() throws {
      let interest = stream.interest(reading: false, writing: false)
      let readiness = try stream.descriptor.wait(for: interest, until: .after(.seconds(30)))
      #expect(stream.canRead(after: readiness))
      #expect(stream.canWrite(after: readiness))
    }

    func read(_ count: Int) throws -> String? {
      var buffer = [UInt8](repeating: 0, count: count)
      var space = buffer.mutableSpan
      guard case .moved(let moved) = try stream.read(into: &space) else { return nil }
      return String(decoding: buffer[..<moved], as: UTF8.self)
    }
  }

  @Test func `the payload begins behind the handshake`() throws {
    let line = try Line()
    #expect(try line.stream.handshake() == .wouldBlock)
    #expect(line.stream.medium == .opaque)
    #expect(line.stream.interest(reading: false, writing: false) == .readable)
    #expect(try line.receive(6) == "hhhhhh")
    try line.send("O")
    try line.wait()
    #expect(try line.read(9) == nil)
    #expect(try line.stream.write(Array("x".utf8).span) == .wouldBlock)
    #expect(try line.stream.finish() == .wouldBlock)
    try line.send("K.pay")
    try line.wait()
    #expect(try line.stream.handshake() == .done)
    #expect(try line.receive(6) == "thanks")
    #expect(line.stream.hasBufferedInput)
    #expect(line.stream.hasBytes)
    #expect(line.stream.medium == .opaque)
    #expect(try line.stream.unreadBytes() == 3)
    #expect(try line.read(2) == "pa")
    #expect(try line.read(9) == "y")
    #expect(!line.stream.hasBufferedInput)
    #expect(line.stream.medium == .socket)
    #expect(line.stream.interest(reading: false, writing: true) == .writable)
    #expect(try line.read(9) == nil)
    try line.send("load")
    try line.stream.descriptor.wait(for: .readable, until: .after(.seconds(30)))
    #expect(try line.read(9) == "load")
  }

  @Test func `only payload counts as acknowledged`() throws {
    let line = try Line()
    #expect(try line.stream.handshake() == .wouldBlock)
    try line.send("OK.")
    try line.wait()
    #expect(try line.stream.handshake() == .done)
    let payload = Array("12345".utf8)
    #expect(try line.stream.write(payload.span) == .moved(5))
    #expect(try line.receive(17) == "hhhhhhthanks12345")
    while try line.stream.unacknowledgedBytes() > 0 {}
    #expect(line.stream.acknowledgedBytes() == 5)
    #expect(line.stream.errorBehindEnd(received: 0) == nil)
  }

  @Test func `a greeting that does not fit is sent in parts`() throws {
    let length = 8 << 20
    let line = try Line(Greeting(length: length))
    #expect(try line.stream.handshake() == .wouldBlock)
    #expect(line.stream.interest(reading: true, writing: false) == .writable)
    #expect(try line.stream.unacknowledgedBytes() > 0)
    var count = 0
    while count < length {
      count += try line.receive(min(1 << 16, length - count)).utf8.count
      #expect(try line.stream.handshake() == .wouldBlock)
    }
    #expect(line.stream.interest(reading: false, writing: false) == .readable)
    try line.send("OK.")
    try line.wait()
    #expect(try line.stream.handshake() == .done)
  }

  @Test func `a reply for which there is no room is sent before the payload`() throws {
    let line = try Line()
    #expect(try line.stream.handshake() == .wouldBlock)
    try line.send("OK.early")
    try line.wait()
    #expect(try line.stream.handshake() == .done)
    let calls = FailingCalls("send(", .wouldBlock, times: 3)
    try calls.during {
      try line.stream.reply(Array("granted".utf8))
      #expect(try line.stream.write(Array("x".utf8).span) == .wouldBlock)
      #expect(try line.read(9) == nil)
    }
    #expect(calls.count == 3)
    #expect(line.stream.medium == .opaque)
    #expect(line.stream.interest(reading: true, writing: false) == .writable)
    try line.wait()
    #expect(try line.read(9) == "early")
    #expect(try line.stream.write(Array("12345".utf8).span) == .moved(5))
    #expect(try line.receive(24) == "hhhhhhthanksgranted12345")
    while try line.stream.unacknowledgedBytes() > 0 {}
    #expect(line.stream.acknowledgedBytes() == 5)
  }

  @Test func `a reply that cannot be sent is a failure that stays`() throws {
    let line = try Line()
    #expect(try line.stream.handshake() == .wouldBlock)
    try line.send("OK.")
    try line.wait()
    #expect(try line.stream.handshake() == .done)
    try FailingCalls("send(", .noMemory).during {
      #expect(throws: IOFailure.self) { try line.stream.reply(Array("granted".utf8)) }
    }
    #expect(throws: IOFailure.self) { try line.stream.write(Array("x".utf8).span) }
  }

  @Test func `a failure stays`() throws {
    let line = try Line()
    try line.send("no")
    try line.stream.descriptor.wait(for: .readable, until: .after(.seconds(30)))
    for _ in 0..<2 {
      #expect(throws: IOFailure(.secure(with: "peer"), .peerProtocol("no answer"))) {
        try line.stream.handshake()
      }
    }
    #expect(throws: IOFailure.self) { try line.read(1) }
  }

  @Test func `an early end is a failure`() throws {
    let line = try Line()
    #expect(try line.stream.handshake() == .wouldBlock)
    #expect(try line.receive(6) == "hhhhhh")
    try line.send("OK")
    #expect(try line.peer.shutdownSending())
    #expect(throws: IOFailure(.secure(with: "peer"), .truncated("ended"))) {
      while try line.stream.handshake() == .wouldBlock { try line.wait() }
    }
  }

  @Test func `a reset is a failure`() throws {
    let line = try Line()
    #expect(try line.stream.handshake() == .wouldBlock)
    #expect(try line.receive(6) == "hhhhhh")
    line.peer.abort()
    let error = #expect(throws: IOFailure.self) {
      while try line.stream.handshake() == .wouldBlock { try line.wait() }
    }
    #expect(error?.code == .connectionReset)
  }

  @Test func `the bytes of the handshake are reported`() throws {
    var words: [String] = []
    let line = try Line { direction, bytes in
      words.append("\(direction) \(String(decoding: bytes, as: UTF8.self))")
    }
    #expect(try line.stream.handshake() == .wouldBlock)
    try line.send("OK.")
    try line.wait()
    #expect(try line.stream.handshake() == .done)
    #expect(words == ["sent hhhhhh", "received OK.", "sent thanks"])
  }

  @Test func `a wait for the handshake ends with its time`() throws {
    let line = try Line()
    let error = #expect(throws: IOFailure.self) {
      try line.stream.completeHandshake(until: .after(.milliseconds(10)))
    }
    #expect(error?.code == .timedOut)
  }
}
