// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets
import SystemPackage

/// One try to connect to a port; a connection that is made carries no byte and is ended in order.
final class PortProbe: ReactorHandler {
  /// Which of the ports it is.
  let index: Int
  private let host: String
  private let port: UInt16
  /// What was found out; `nil` while nothing is known.
  private var state: PortState?
  /// The failure of this system, for which nothing was found out.
  private var localFailure: SystemError?
  /// Whether what was found out, or the failure, was taken.
  private var isTaken = false
  private let isLocal: Bool
  private let began = Deadline.now
  private var race: ConnectionRace?
  private let reactor: Reactor
  /// The attempts, and the connection that was made.
  private var watched: [(descriptor: FileDescriptor, registration: Registration)] = []
  private var timer: Registration?
  private var socket: StreamSocket?
  private let scratch: Scratch
  private let changed: (PortProbe) -> Void
  /// When the connection is closed, whatever the peer still has to say.
  private var end = Deadline.never

  /// How long a peer gets, at least and at most, to close as well; in between it is what the network needs.
  ///
  /// Closing while it sends, as those do that speak first, would answer it with a reset.
  private static let (leastGrace, mostGrace) = (Duration.milliseconds(100), Duration.seconds(1))
  /// How often something is received before others are looked after.
  private static let mostReceived = 16

  /// - Parameters:
  ///   - host: The name of the host.
  ///   - addresses: Candidates of the connector with this port, in the order to try them.
  ///   - batch: The probes that it runs with.
  init(
    _ index: Int, of host: String, port: UInt16, at addresses: [Address], by connector: Connector,
    until deadline: Deadline, in batch: PortProbeBatch
  ) {
    reactor = batch.reactor
    scratch = batch.scratch
    changed = { [unowned batch] in batch.didChange($0) }
    self.index = index
    self.host = host
    self.port = port
    isLocal = addresses.allSatisfy(\.isLoopback)
    race = ConnectionRace(among: addresses, by: connector, until: deadline)
  }

  /// Room for what is received, to be thrown away; shared by the probes of a batch.
  final class Scratch {
    private var bytes = [UInt8](repeating: 0, count: 16 << 10)

    fileprivate func receive(from socket: FileDescriptor) -> Transfer? { Self.receive(from: socket, &bytes) }

    private static func receive(from socket: FileDescriptor, _ bytes: inout [UInt8]) -> Transfer? {
      var space = bytes.mutableSpan
      return try? .receive(from: socket, into: &space)
    }
  }

  /// Whether everything is closed.
  var isOver: Bool { (state != nil || localFailure != nil) && socket == nil }

  /// When to proceed though nothing has happened.
  private var wake: Deadline { race?.wake ?? end }

  /// What was found out, once; `nil` while nothing is known.
  func takeState() -> PortState? { take(state) }

  /// The failure of this system for which nothing was found out, once.
  func takeLocalFailure() -> SystemError? { take(localFailure) }

  private func take<Result>(_ result: Result?) -> Result? {
    guard !isTaken, let result else { return nil }
    isTaken = true
    return result
  }

  /// Begins.
  func start() {
    timer = reactor.timer(self)
    proceed()
  }

  /// Closes what is open.
  func cancel() {
    race = nil
    close()
  }

  func handle(_ event: Reactor.Event) {
    if let descriptor = event.descriptor { advance(descriptor) } else { proceed() }
  }

  /// Starts what is due, or ends what has had its time.
  private func proceed() {
    if race == nil { socket = nil }
    while race != nil, wake <= reactor.now {
      var newest: FileDescriptor?
      do throws(ConnectionError) {
        var winner = try race?.proceed { (descriptor) throws(SystemError) in
          try watch(descriptor, for: .writable)
          newest = descriptor
        }
        // What this machine reports of itself it has reported by now, and need not be waited for.
        if let newest, isLocal, winner == nil { winner = try race?.advance(newest) }
        if let winner = winner.take() { didConnect(winner) } else if newest == nil { break }
      } catch {
        judge(error)
      }
    }
    settle()
  }

  /// A descriptor is ready.
  private func advance(_ descriptor: FileDescriptor) {
    if socket != nil {
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
    socket = nil
  }

  private func watch(_ descriptor: FileDescriptor, for interest: Readiness) throws(SystemError) {
    let registration = try reactor.register(descriptor, for: interest, self)
    registration.closesNext()
    // An attempt that has failed is closed already, and another may have its number.
    watched.removeAll { $0.descriptor == descriptor }
    watched.append((descriptor, registration))
  }

  // MARK: What comes of it

  private func judge(_ error: ConnectionError) {
    race = nil
    let duration = began.duration(until: .now)
    switch error {
    case .failed(let reason):
      guard case .connect(let place) = reason.operation else {
        localFailure = reason
        return
      }
      let verdict = PortState.Verdict(reason.code)
      state = PortState(
        host: host, port: port, at: place, verdict, after: duration,
        because: verdict == .open ? nil : reason.code)
    case .timedOut(let place):
      state = PortState(host: host, port: port, at: place, .timeout, after: duration)
    case .noAddressInFamily:
      preconditionFailure("candidates fit the source address")
    }
  }

  private func didConnect(_ winner: consuming StreamSocket) {
    race = nil
    let duration = began.duration(until: .now)
    state = PortState(host: host, port: port, at: winner.remote, .open, after: duration)
    do throws(SystemError) {
      try winner.shutdownSending()
      if let attempt = watched.first(where: { $0.descriptor == winner.number }) {
        watched = [attempt]
        try attempt.registration.watch(for: .readable)
      } else {
        try watch(winner.number, for: .readable)
      }
    } catch {
      // It was open, and is gone already.
      return
    }
    end = .after(min(max(duration + duration, Self.leastGrace), Self.mostGrace))
    socket = consume winner
  }

  /// Receives what the peer sends, until it has closed.
  private func discard() {
    guard let number = socket?.number else { return }
    for _ in 0..<Self.mostReceived {
      switch scratch.receive(from: number) {
      case .moved: continue
      case .wouldBlock: return
      case .endOfStream, nil:
        socket = nil
        return
      }
    }
  }
}

extension Address {
  /// Whether this leads back to this machine without leaving it.
  fileprivate var isLoopback: Bool {
    if case .internet(let address, _) = self { address.isLoopback } else { false }
  }
}
