// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Foundation
import Glibc
import Reactor
import Services
import SocketTestSupport
import Sockets
import Synchronization
import SystemPackage
import TestSupport
import Testing
import Transport

/// Everything that moves bytes works over a stream of records as well as over a plain socket.
struct SecondTransportTests {
  /// The outcome of a thread, which can be waited for.
  private final class Outcome<Value: Sendable>: Sendable {
    private let result = Guarded<Result<Value, any Error>?>(nil)
    private let isThere: EventCounter
    private let thread = Guarded<pthread_t?>(nil)

    /// Runs a closure in its own thread.
    init(_ body: @escaping @Sendable () throws -> Value) throws {
      isThere = try EventCounter()
      let isRunning = try EventCounter()
      try Thread.start { [self] in
        thread.withLock { $0 = pthread_self() }
        isRunning.signal()
        let value = Result { try body() }
        result.withLock { $0 = value }
        isThere.signal()
      }
      try isRunning.descriptor.wait(for: .readable, until: .after(.seconds(30)))
    }

    /// Sends the thread a signal.
    func signal(_ number: CInt) { thread.withLock { if let thread = $0 { pthread_kill(thread, number) } } }

    /// Waits for the end.
    func value() throws -> Value {
      #expect(try !isThere.descriptor.wait(for: .readable, until: .after(.seconds(40))).isEmpty)
      return try #require(result.withLock { $0 }).get()
    }
  }

  private static let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
  private static let loopback = Address.internet(.loopbackIPv4, port: 0)

  private static let makeStream: StreamMaking = { RecordStream($0, acknowledged: $1 ?? 0) }

  private static func listeners() throws -> ListenerGroup {
    let listener = try Listener.open(on: loopback)
    let local = listener.local
    return ListenerGroup([Bound(listener, at: local)])
  }

  private static func stream(to place: Address) throws -> RecordStream {
    RecordStream(try Connector().connect(to: [place], until: .after(.seconds(30))))
  }

  /// Runs an echo server until SIGTERM.
  private static func echoServer(
    _ model: ServerModel, on listeners: ListenerGroup,
    report: @escaping @Sendable (ServerEvent) -> Void = { _ in }
  ) throws -> Outcome<Void> {
    var settings = ServerSettings()
    settings.model = model
    settings.maximumConnections = 4
    settings.makeStream = makeStream
    let server = Guarded(Server(EchoService(), settings, report: report))
    return try Outcome {
      let signals = try SignalQueue([SIGTERM])
      try server.withLock { try $0.run([listeners], until: signals) }
    }
  }

  @Test(arguments: [ServerModel.event, .thread])
  func `a server echoes records`(model: ServerModel) throws {
    let listeners = try Self.listeners()
    let server = try Self.echoServer(model, on: listeners)
    let clients = try (0..<3).map { _ in
      try Outcome { try Self.stream(to: listeners.local).exchange(sending: Self.bytes) }
    }
    for client in clients { #expect(try client.value() == Self.bytes) }
    server.signal(SIGTERM)
    try server.value()
  }

  @Test func `a forwarder passes records on as records, in both directions`() throws {
    let (target, place) = (try Self.listeners(), try Self.listeners())
    let server = try Self.echoServer(.event, on: target)
    var settings = ForwardSettings()
    settings.makeClientStream = Self.makeStream
    settings.makeTargetStream = { socket, acknowledged, _, _ in Self.makeStream(socket, acknowledged) }
    let forwarder = Forwarder(to: .fixed(.address(target.local)), settings) { _ in }
    let forwarding = try Outcome {
      try forwarder.run([place], until: try SignalQueue([SIGTERM]))
    }
    let clients = try (0..<3).map { _ in
      try Outcome { try Self.stream(to: place.local).exchange(sending: Self.bytes) }
    }
    for client in clients { #expect(try client.value() == Self.bytes) }
    for running in [forwarding, server] {
      running.signal(SIGTERM)
      try running.value()
    }
  }

  @Test func `a relay carries records, and ends in order`() throws {
    let listener = try Listener.open(on: Self.loopback)
    let peer = try Outcome { [local = listener.local] in
      try Self.stream(to: local).exchange(sending: Self.bytes)
    }
    try listener.descriptor.wait(for: .readable, until: .after(.seconds(30)))
    let near = RecordStream(try listener.acceptWaiting())
    let output = try MemoryStream(writeLimit: 5000)
    let pieces = stride(from: 0, to: 100_000, by: 20_000).map { Array(Self.bytes[$0..<$0 + 20_000]) }
    let relay = try Relay(
      input: try MemoryStream(pieces: pieces), output: output, peer: near, policy: RelayPolicy(),
      limits: ConnectionLimits())
    let report = try relay.run(until: try SignalQueue([]))
    #expect(report.outcome == .finished)
    #expect(output.written == Self.bytes && output.isFinished)
    #expect(try peer.value() == Array(Self.bytes.prefix(100_000)))
  }

  /// Sends a record and then the end of the connection without an end record.
  ///
  /// - Returns: Whether the connection is reset in answer.
  private static func truncate(_ place: Address) throws -> Bool {
    let socket = try Connector().connect(to: [place], until: .after(.seconds(30)))
    _ = try Transfer.send(to: socket.descriptor, from: [UInt8(ascii: "D"), 0, 1, 0x55].span)
    try socket.shutdownSending()
    var room = [UInt8](repeating: 0, count: 4096)
    while true {
      try socket.descriptor.wait(for: .readable, until: .after(.seconds(30)))
      var buffer = room.mutableSpan
      do {
        if try Transfer.receive(from: socket.descriptor, into: &buffer) == .endOfStream { return false }
      } catch {
        return error == .connectionReset
      }
    }
  }

  private static let truncation = IOFailure.Reason.peerProtocol("the connection ended without an end record")

  @Test func `a stream that is cut off is no end for a relay, but a failure with a status of its own`() throws
  {
    let listener = try Listener.open(on: Self.loopback)
    let peer = try Outcome { [local = listener.local] in try Self.truncate(local) }
    try listener.descriptor.wait(for: .readable, until: .after(.seconds(30)))
    let near = RecordStream(try listener.acceptWaiting())
    let name = near.name
    let outcome: RelayRules.Outcome
    do {
      let relay = try Relay(
        input: try MemoryStream(pieces: []), output: try MemoryStream(writeLimit: 5000), peer: near,
        policy: RelayPolicy(), limits: ConnectionLimits())
      outcome = try relay.run(until: try SignalQueue([])).outcome
    }
    let failure = IOFailure(.receive(from: name), Self.truncation)
    #expect(outcome == .failed(failure))
    #expect(Failure(failure).status == .protocolError)
    #expect(Failure(failure).message == "receive from \(name): the connection ended without an end record")
    withExtendedLifetime(near) {}
    _ = try peer.value()
  }

  @Test(arguments: [ServerModel.event, .thread])
  func `a stream that is cut off is reset and reported by a server`(model: ServerModel) throws {
    let listeners = try Self.listeners()
    let errors = Guarded<[IOFailure.Reason]>([])
    let server = try Self.echoServer(model, on: listeners) { event in
      if case .closed(_, _, _, _, let error?, _) = event { errors.withLock { $0.append(error.reason) } }
    }
    #expect(try Self.truncate(listeners.local))
    server.signal(SIGTERM)
    try server.value()
    #expect(errors.withLock { $0 } == [Self.truncation])
  }

  @Test func `a command has its bytes from records, and its output sent in records`() throws {
    let listener = try Listener.open(on: Self.loopback)
    let peer = try Outcome { [local = listener.local] in
      try Self.stream(to: local).exchange(sending: Self.bytes)
    }
    try listener.descriptor.wait(for: .readable, until: .after(.seconds(30)))
    let stream = RecordStream(try listener.acceptWaiting())
    let pipe = try CommandStream(
      CommandSettings(try #require(Command(["cat"]))), for: CommandEnvironment(of: stream), isHeard: true)
    let relay = try Relay(
      input: pipe.output, output: pipe, peer: stream, policy: RelayPolicy(),
      limits: ConnectionLimits())
    relay.bystander = pipe
    #expect(try relay.run(until: try SignalQueue([])).outcome == .finished)
    #expect(try peer.value() == Self.bytes)
  }

  @Test func `a relay does not take a stream that was broken off for one that has ended`() throws {
    let listener = try Listener.open(on: Self.loopback)
    let far = try Connector().connect(to: [listener.local], until: .after(.seconds(30)))
    let near = RecordStream(try listener.acceptWaiting())
    let relay = try Relay(
      input: try MemoryStream(), output: try MemoryStream(), peer: near, policy: RelayPolicy(),
      limits: ConnectionLimits())
    // The connection ends, but the stream over it does not.
    try far.shutdownSending()
    let report = try relay.run(until: try SignalQueue([]))
    #expect(report.outcome == .failed(near.readError(Self.truncation)))
  }

  @Test func `a hub answers clients with records, and keeps what they send`() throws {
    let listeners = try Self.listeners()
    let directory = try TemporaryDirectory()
    var settings = HubSettings()
    settings.supply = .text(Self.bytes)
    settings.destination = .files(ConnectionFiles(in: try OutputDirectory(path: directory.path)))
    settings.makeStream = Self.makeStream
    let (configured, place) = (settings, listeners)
    let isEnded = try EventCounter()
    let hub = try Outcome {
      let hub = try Hub(
        configured, TrafficFilters(), AccessPolicy(AccessControl()) { _ in }, on: place
      ) { event in
        if case .ended(let ending) = event, ending.problem == nil { isEnded.signal() }
      }
      return try hub.run(until: try SignalQueue([SIGTERM]))
    }
    let client = try Outcome {
      try Self.stream(to: place.local).exchange(sending: Array(Self.bytes.reversed()))
    }
    #expect(try client.value() == Self.bytes)
    try isEnded.descriptor.wait(for: .readable, until: .after(.seconds(30)))
    hub.signal(SIGTERM)
    _ = try hub.value()
    let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
    #expect(names.count == 1)
    #expect(try directory.read(names[0]) == Array(Self.bytes.reversed()))
  }
}
