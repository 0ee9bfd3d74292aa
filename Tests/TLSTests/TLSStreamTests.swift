// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import SocketTestSupport
import Sockets
import Synchronization
import SystemPackage
import TLS
import TestSupport
import Testing
import Transport

/// A client and a server in one thread, over two connected sockets: no call waits.
struct TLSStreamTests {
  private let client: TLSStream
  private let server: TLSStream
  private let events = Events()

  /// The events of both sides.
  private final class Events: Sendable {
    private let all = Guarded<[TLSEvent]>([])
    func add(_ event: TLSEvent) { all.withLock { $0.append(event) } }
    var summaries: [TLSSummary] {
      all.withLock { $0 }.compactMap { if case .established(let summary, _) = $0 { summary } else { nil } }
    }
  }

  /// Two connected streams.
  private static func connected() throws -> (near: SocketStream, far: SocketStream) {
    let listener = try Listener.unique()
    let near = try Connector().connect(to: [listener.local])
    let far = try listener.acceptWaiting()
    return (SocketStream(near, acknowledged: 0), SocketStream(far, acknowledged: 0))
  }

  init() throws {
    let (near, far) = try Self.connected()
    let events = events
    var serverSettings = TLSServerSettings()
    serverSettings.selfSignedNames = ["localhost"]
    let context = try TLSContext(server: serverSettings) { events.add($0) }
    var clientSettings = TLSClientSettings(name: "localhost")
    clientSettings.common.pins = [.publicKey(try #require(context.identity).pin)]
    let other = try TLSContext(client: clientSettings) { events.add($0) }
    server = context.makeStream(over: far)
    client = other.makeStream(over: near, named: "server")
  }

  private func shakeHands() throws {
    while true {
      let (near, far) = (try client.handshake(), try server.handshake())
      if near == .done, far == .done { return }
    }
  }

  private func read(_ stream: TLSStream, _ size: Int = 1 << 20) throws -> (bytes: [UInt8], transfer: Transfer)
  {
    var storage = [UInt8](repeating: 0, count: size)
    var space = storage.mutableSpan
    let transfer = try stream.read(into: &space)
    if case .moved(let count) = transfer { return (Array(storage[..<count]), transfer) }
    return ([], transfer)
  }

  @Test func `each side knows what was agreed on, and whom it has met`() throws {
    try shakeHands()
    let summaries = events.summaries
    #expect(summaries.count == 2)
    for summary in summaries {
      #expect(summary.version == "TLSv1.3" && !summary.isResumed && summary.group != nil)
      #expect(summary.indication == nil)
    }
    let seen = try #require(summaries.compactMap(\.peer).first)
    #expect(
      seen.names == ["DNS:localhost"] && (29...30).contains(seen.daysLeft) && seen.issuer == seen.subject)
  }

  @Test func `bytes that arrive together with the handshake are held, and reported as input`() throws {
    while try client.handshake() != .done { _ = try server.handshake() }
    let hello: [UInt8] = Array("hello".utf8)
    #expect(try client.write(hello.span) == .moved(5))
    while try server.handshake() != .done { _ = try client.handshake() }
    #expect(server.hasBufferedInput)
    #expect(try read(server).bytes == hello)
    #expect(!server.hasBufferedInput)
    #expect(try read(server).transfer == .wouldBlock)
  }

  @Test func `a part of a record that was not read is reported as input`() throws {
    try shakeHands()
    let bytes = [UInt8](0...255)
    #expect(try client.write(bytes.span) == .moved(256))
    #expect(try read(server, 100).bytes == Array(bytes[..<100]))
    #expect(server.hasBufferedInput)
    #expect(try read(server, 100).bytes == Array(bytes[100..<200]))
    #expect(try read(server, 100).bytes == Array(bytes[200...]))
    #expect(!server.hasBufferedInput)
  }

  @Test func `a write that the connection does not take is repeated, and nothing is sent twice`() throws {
    try shakeHands()
    let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    var sent = 0
    var received: [UInt8] = []
    var blocks = 0
    while received.count < bytes.count {
      while sent < bytes.count {
        // A caller may offer less when it repeats.
        let piece = Array(bytes[sent..<min(bytes.count, sent + (blocks % 2 == 0 ? 200_000 : 1000))])
        guard case .moved(let count) = try client.write(piece.span) else {
          blocks += 1
          #expect(client.interest(reading: false, writing: false).contains(.writable))
          break
        }
        sent += count
      }
      received += try read(server).bytes
    }
    #expect(blocks > 1)
    #expect(received == bytes)
  }

  @Test func `close_notify ends one direction, and the other goes on`() throws {
    try shakeHands()
    #expect(try client.finish() == .done)
    #expect(try read(server).transfer == .endOfStream)
    let answer: [UInt8] = [1, 2, 3]
    #expect(try server.write(answer.span) == .moved(3))
    #expect(try read(client).bytes == answer)
    #expect(try server.setCloseRule(.orderly) == .done)
    #expect(try read(client).transfer == .endOfStream)
  }

  @Test func `an end that was met behind bytes is reported after them`() throws {
    try shakeHands()
    let bytes: [UInt8] = [7]
    #expect(try client.write(bytes.span) == .moved(1))
    #expect(try client.finish() == .done)
    #expect(try read(server).bytes == bytes)
    #expect(server.hasBufferedInput)
    #expect(try read(server).transfer == .endOfStream)
    #expect(!server.hasBufferedInput)
  }

  @Test func `a pin that does not match is refused, and the other side is told`() throws {
    let (near, far) = try Self.connected()
    var serverSettings = TLSServerSettings()
    serverSettings.selfSignedNames = ["localhost"]
    let server = try TLSContext(server: serverSettings) { _ in }.makeStream(over: far)
    var settings = TLSClientSettings(name: "localhost")
    settings.common.pins = [try #require(Pin("SHA256:" + String(repeating: "0", count: 64)))]
    let client = try TLSContext(client: settings) { _ in }.makeStream(over: near, named: "x")
    let refusal = #expect(throws: IOFailure.self) {
      while try client.handshake() != .done { _ = try server.handshake() }
    }
    #expect(
      refusal?.explanation.hasPrefix("its key does not match a --tls-pin (this one does: ") == true,
      "\(String(describing: refusal))")
    let answer = #expect(throws: IOFailure.self) { while try server.handshake() != .done {} }
    #expect(
      answer?.reason == .untrusted("the client refused our certificate (bad certificate)"),
      "\(String(describing: answer))")
  }

  @Test(arguments: [Errno.noMemory, .noBufferSpace, .notPermitted])
  func `a handshake that cannot be sent fails at once, although the connection exists`(code: Errno) throws {
    let calls = FailingCalls("send(", code)
    let failure = #expect(throws: IOFailure.self) { try calls.during { try client.handshake() } }
    #expect(failure?.code == code && calls.count == 1)
    #expect(!client.interest(reading: true, writing: false).contains(.writable))
  }

  @Test(arguments: [Errno.noMemory, .noBufferSpace])
  func `a close_notify that cannot be sent is a failure`(code: Errno) throws {
    try shakeHands()
    let failure = #expect(throws: IOFailure.self) {
      try FailingCalls("send(", code).during { try client.finish() }
    }
    #expect(failure?.code == code)
  }

  /// The address sanitizer would find what such an attempt leaves behind, which a reload may repeat.
  @Test func `a file without a certificate is refused on either side`() throws {
    let directory = try TemporaryDirectory()
    let files = IdentityFiles(certificate: try directory.write("no certificate", to: "file"))
    var server = TLSServerSettings()
    server.common.identity = files
    #expect(throws: IOFailure.self) { try TLSContext(server: server) { _ in } }
    var client = TLSClientSettings(name: "localhost")
    client.common.identity = files
    #expect(throws: IOFailure.self) { try TLSContext(client: client) { _ in } }
  }
}
