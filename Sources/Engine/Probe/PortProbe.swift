// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets
import Synchronization
import SystemPackage
import Transport

/// One attempt to connect to a port; a connection that is established carries no bytes except for a handshake, and is
/// closed in order.
final class PortProbe: ReactorHandler {
  /// The index of the port.
  let index: Int
  private let host: String
  private let port: UInt16
  /// The result; `nil` while it is unknown.
  private var state: PortState?
  /// The local failure because of which there is no result.
  private var localFailure: IOFailure?
  /// Whether the result or the failure was taken.
  private var isTaken = false
  private let isLocal: Bool
  private let began = Deadline.now
  private var race: ConnectionRace?
  private let reactor: Reactor
  /// The attempts, and the established connection.
  private var watched: [(descriptor: FileDescriptor, registration: Registration)] = []
  private var timer: Registration?
  private var stream: (any ByteStream)?
  private let makeStream: StreamMaking
  private let addresses: [Address]
  private let connector: Connector
  /// The attempts that failed while others remained.
  private let attempts = FailureLog()
  /// Whether the addresses are those of a proxy.
  private let isProxied: Bool
  /// Whether the handshake of the stream lasts, and its end.
  private var (isSecuring, handshakeEnd) = (false, Deadline.never)
  private let deadline: Deadline
  private let scratch: Scratch
  private let changed: (PortProbe) -> Void
  /// When the connection is closed, even if the peer is still sending.
  private var end = Deadline.never

  /// The minimum and maximum time that a peer has to close as well; in between, the time depends on the network.
  ///
  /// Closing while the peer sends, as peers do whose protocol makes them send first, would answer it with a reset.
  private static let (leastGrace, mostGrace) = (Duration.milliseconds(100), Duration.seconds(1))
  /// The maximum number of receives before other probes have their turn.
  private static let mostReceived = 16

  /// - Parameters:
  ///   - host: The name of the host.
  ///   - addresses: The connector's candidates with this port, or those of a proxy, in the order to try them.
  ///   - batch: The batch that it belongs to.
  init(
    _ index: Int, of host: String, port: UInt16, at addresses: [Address], isProxied: Bool,
    by connector: Connector, until deadline: Deadline, makeStream: @escaping StreamMaking,
    in batch: PortProbeBatch
  ) {
    reactor = batch.reactor
    scratch = batch.scratch
    changed = { [unowned batch] in batch.didChange($0) }
    self.index = index
    self.host = host
    self.port = port
    self.makeStream = makeStream
    self.deadline = deadline
    var connector = connector
    connector.attemptFailed = attempts.add
    (self.addresses, self.connector, self.isProxied) = (addresses, connector, isProxied)
    isLocal = addresses.allSatisfy(\.isLoopback)
    race = ConnectionRace(among: addresses, by: connector, until: deadline)
  }

  /// The buffer for received bytes, which are discarded; shared by the probes of a batch.
  final class Scratch {
    private var bytes = [UInt8](repeating: 0, count: 16 << 10)

    fileprivate func read(from stream: any ByteStream) -> Transfer? { Self.read(from: stream, &bytes) }

    private static func read(from stream: any ByteStream, _ bytes: inout [UInt8]) -> Transfer? {
      var space = bytes.mutableSpan
      return try? stream.read(into: &space)
    }
  }

  /// Whether everything is closed.
  var isOver: Bool { (state != nil || localFailure != nil) && stream == nil }

  /// The time of the next action without an event.
  private var wake: Deadline {
    race?.wake ?? (isSecuring ? min(handshakeEnd, stream?.deadline ?? .never) : end)
  }

  /// Returns the result once; `nil` while it is unknown.
  func takeState() -> PortState? {
    guard var state = take(state) else { return nil }
    state.attempts = attempts.failures
    return state
  }

  /// Returns the local failure because of which there is no result, once.
  func takeLocalFailure() -> IOFailure? { take(localFailure) }

  private func take<Result>(_ result: Result?) -> Result? {
    guard !isTaken, let result else { return nil }
    isTaken = true
    return result
  }

  /// Starts the probe.
  func start() {
    timer = reactor.timer(self)
    proceed()
  }

  /// Closes all sockets.
  func cancel() {
    race = nil
    close()
  }

  func handle(_ event: Reactor.Event) {
    if let descriptor = event.descriptor { advance(descriptor) } else { proceed() }
  }

  /// Starts attempts that are due, or ends those whose time is over.
  private func proceed() {
    if isSecuring { secure() } else if race == nil { stream = nil }
    while race != nil, wake <= reactor.now {
      var newest: FileDescriptor?
      do throws(ConnectionError) {
        var winner = try race?.proceed { (descriptor) throws(IOFailure) in
          try watch(descriptor, for: .writable)
          newest = descriptor
        }
        // A local address answers at once, so its result is known by now.
        if let newest, isLocal, winner == nil { winner = try race?.advance(newest) }
        if let winner = winner.take() { didConnect(winner) } else if newest == nil { break }
      } catch {
        judge(error)
      }
    }
    settle()
  }

  /// Handles a ready descriptor.
  private func advance(_ descriptor: FileDescriptor) {
    if isSecuring {
      secure()
    } else if stream != nil {
      discard()
    } else {
      do throws(ConnectionError) {
        if let winner = try race?.advance(descriptor) { didConnect(winner) }
      } catch {
        judge(error)
      }
    }
    settle()
  }

  private func settle() {
    if isOver { close() } else { timer?.wake(at: wake) }
    changed(self)
  }

  private func close() {
    watched = []
    timer = nil
    stream = nil
  }

  private func watch(_ descriptor: FileDescriptor, for interest: Readiness) throws(IOFailure) {
    let registration = try reactor.register(descriptor, for: interest, self)
    registration.closesNext()
    // A failed attempt is already closed, and its descriptor number may be reused.
    watched.removeAll { $0.descriptor == descriptor }
    watched.append((descriptor, registration))
  }

  // MARK: Results

  private func judge(_ error: ConnectionError) {
    race = nil
    let duration = began.duration(until: .now)
    switch error {
    case .failed(let reason):
      guard case .connect(let place) = reason.operation else {
        localFailure = reason
        return
      }
      guard !isProxied else {
        let way = Operation.connectThrough(
          proxy: "\(place)", to: "\(Endpoint.internet(host: host, port: "\(port)"))")
        state = PortState(
          host: host, port: port, at: nil,
          failing: IOFailure(way, .unavailable("connect to proxy: \(reason.explanation)")), after: duration)
        return
      }
      let verdict = PortState.Verdict(reason.code)
      state = PortState(
        host: host, port: port, at: place, verdict, after: duration,
        because: verdict == .open ? nil : reason.code)
    case .timedOut(let place):
      state = PortState(host: host, port: port, at: isProxied ? nil : place, .timeout, after: duration)
    case .noAddressInFamily:
      preconditionFailure("candidates fit the source address")
    }
  }

  private func didConnect(_ winner: consuming StreamSocket) {
    race = nil
    stream = makeStream(winner, 0)
    (isSecuring, handshakeEnd) = (true, connector.attemptEnd(before: deadline))
    secure()
  }

  /// Continues the handshake of the stream; the port is open once it is complete.
  private func secure() {
    guard let stream else { return }
    do throws(IOFailure) {
      // Such as a question for a password, after which the other probes continue.
      while try stream.handshake() != .done, let work = stream.takeHandshakeWork() {
        let began = Deadline.now
        work()
        handshakeEnd = handshakeEnd + began.duration(until: .now)
      }
      guard try stream.handshake() == .done else {
        guard !handshakeEnd.hasPassed else { throw IOFailure(stream.handshakeOperation, .timedOut) }
        return try watchConnection(stream, for: stream.interest(reading: false, writing: false))
      }
    } catch {
      isSecuring = false
      self.stream = nil
      watched = []
      if stream.isWorthRepeating, !deadline.hasPassed {
        race = ConnectionRace(among: addresses, by: connector, until: deadline)
        return
      }
      state = PortState(
        host: host, port: port, at: isProxied ? nil : stream.remote, failing: error,
        after: began.duration(until: .now))
      return
    }
    isSecuring = false
    let duration = began.duration(until: .now)
    state = PortState(
      host: host, port: port, at: isProxied ? nil : stream.remote, .open, after: duration)
    do throws(IOFailure) {
      try stream.finish()
      try watchConnection(stream, for: .readable)
      end = .after(min(max(duration + duration, Self.leastGrace), Self.mostGrace))
    } catch {
      // The port was open, but the connection is already closed.
      self.stream = nil
    }
  }

  /// Watches the established connection, and no attempt any more.
  private func watchConnection(_ stream: any ByteStream, for interest: Readiness) throws(IOFailure) {
    if let attempt = watched.first(where: { $0.descriptor == stream.descriptor }) {
      watched = [attempt]
      try attempt.registration.watch(for: interest)
    } else {
      try watch(stream.descriptor, for: interest)
    }
  }

  /// Receives and discards the peer's bytes until it has closed.
  private func discard() {
    guard let stream else { return }
    for _ in 0..<Self.mostReceived {
      switch scratch.read(from: stream) {
      case .moved: continue
      case .wouldBlock: return
      case .endOfStream, nil:
        self.stream = nil
        return
      }
    }
  }
}

extension Address {
  /// Whether this is a loopback address of this machine.
  fileprivate var isLoopback: Bool {
    if case .internet(let address, _) = self { address.isLoopback } else { false }
  }
}

/// The failures of attempts, in their order.
private final class FailureLog: Sendable {
  private let list = Guarded<[IOFailure]>([])

  /// The failures so far.
  var failures: [IOFailure] { list.withLock { $0 } }

  /// Adds a failure.
  @Sendable func add(_ failure: IOFailure) { list.withLock { $0.append(failure) } }
}
