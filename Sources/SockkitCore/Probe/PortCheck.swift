// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// One try to connect to a port; a connection that comes about carries no byte and is ended in order.
final class PortCheck {
  /// Which of the ports it is.
  let index: Int
  private let host: String
  private let port: UInt16
  /// What was found out; `nil` while nothing is known.
  private(set) var state: PortState?
  /// What this side lacks to find anything out.
  private(set) var obstacle: SystemError?
  private let isLocal: Bool
  private let began = Deadline.now
  private var race: ConnectionRace?
  /// The descriptors that it waits for, with those that it did wait for.
  private(set) var watched: [FileDescriptor] = []
  private var socket: StreamSocket?
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
  init(
    _ index: Int, of host: String, port: UInt16, at addresses: [Address], by connector: Connector,
    until deadline: Deadline
  ) {
    self.index = index
    self.host = host
    self.port = port
    isLocal = addresses.allSatisfy(\.isLoopback)
    race = ConnectionRace(among: addresses, by: connector, until: deadline)
  }

  /// Whether everything is closed.
  var isOver: Bool { (state != nil || obstacle != nil) && socket == nil }

  /// When `proceed` is to be called though nothing has happened.
  var wake: Deadline { race?.wake ?? end }

  /// Starts what is due, or ends what has had its time.
  func proceed(in queue: borrowing EventQueue) {
    if race == nil { socket = nil }
    while race != nil, wake <= .now {
      var newest: FileDescriptor?
      do throws(ConnectionError) {
        var winner = try race?.proceed { (descriptor) throws(SystemError) in
          try queue.add(descriptor, for: .writable)
          newest = descriptor
        }
        if let newest {
          watched.append(newest)
          // What this machine says of itself it has said by now, and need not be waited for.
          if isLocal, winner == nil { winner = try race?.advance(newest) }
        }
        if let winner = winner.take() { welcome(winner, queue) } else if newest == nil { return }
      } catch {
        judge(error)
      }
    }
  }

  /// Takes note that a descriptor is ready.
  ///
  /// - Parameter scratch: What is received into, to be thrown away.
  func advance(
    _ descriptor: FileDescriptor, in queue: borrowing EventQueue, _ scratch: inout [UInt8]
  ) {
    if socket != nil { return discard(&scratch) }
    do throws(ConnectionError) {
      if let winner = try race?.advance(descriptor) { welcome(winner, queue) }
    } catch {
      judge(error)
    }
  }

  // MARK: What comes of it

  private func judge(_ error: ConnectionError) {
    race = nil
    let duration = began.duration(until: .now)
    switch error {
    case .failed(let reason):
      guard case .connect(let place) = reason.operation else {
        obstacle = reason
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

  private func welcome(_ winner: consuming StreamSocket, _ queue: borrowing EventQueue) {
    race = nil
    let duration = began.duration(until: .now)
    state = PortState(host: host, port: port, at: winner.remote, .open, after: duration)
    do throws(SystemError) {
      try winner.shutdownSending()
      if watched.contains(winner.number) {
        try queue.change(winner.number, to: .readable)
      } else {
        try queue.add(winner.number, for: .readable)
      }
    } catch {
      // It was open, and is gone already.
      return
    }
    end = .after(min(max(duration + duration, Self.leastGrace), Self.mostGrace))
    socket = consume winner
  }

  /// Receives what the peer says, until it has closed.
  private func discard(_ scratch: inout [UInt8]) {
    guard let number = socket?.number else { return }
    for _ in 0..<Self.mostReceived {
      var buffer = scratch.mutableSpan
      switch try? Transfer.receive(from: number, into: &buffer) {
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
