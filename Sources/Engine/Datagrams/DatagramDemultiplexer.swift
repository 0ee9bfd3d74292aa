// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
package import Sockets
package import SystemPackage
import Transport

/// Makes a connection of the datagrams of each peer, so that whatever serves connections can serve them: a pair of Unix
/// sockets, of which one end is accepted like a client, and each message is a datagram.
///
/// Datagrams have no end, so a connection lasts until the one that serves it half-closes or closes it; the next datagram
/// of the peer begins another one. Empty datagrams are skipped, because an empty message is the end of a connection. What
/// a connection does not take at once is dropped, so that no peer delays the others.
package final class DatagramDemultiplexer: AuxiliarySource {
  /// A peer with its connection.
  private final class Member {
    let peer: Address
    /// Where datagrams to it go, and the number of the socket that they leave from.
    let path: ReturnPath
    let socket: Int
    var pair: SocketPair
    var registration: Registration?
    var dropped = 0

    init(_ peer: Address, along path: ReturnPath, by socket: Int, _ pair: consuming SocketPair) {
      (self.peer, self.path, self.socket) = (peer, path, socket)
      self.pair = pair
    }
  }

  /// The connections, to be accepted.
  package let connections: AcceptQueue
  private let sockets: DatagramSockets
  private let policy: AccessPolicy
  private let report: (DatagramEvent) -> Void
  private let queue: KernelQueue
  private let reactor: Reactor
  private let arrivals: [Watch]
  private let received: DatagramBatch
  private let sent: DatagramBatch
  private var message = [UInt8](repeating: 0, count: longestMessage)
  private var members: [Address: Member] = [:]
  private var backoff = ResourceBackoff()
  /// The peer that was refused last, which is not reported again for each of its datagrams.
  private var refused: Address?

  /// The maximum size of a message, which a connection reads at once.
  private static let longestMessage = 64 << 10
  /// The maximum number of batches that are received before the server does its other work.
  private static let burst = 16

  /// Takes ownership of sockets, which report everything about datagrams.
  ///
  /// - Parameters:
  ///   - policy: The peers whose datagrams are taken.
  ///   - report: Called with the events of datagrams.
  /// - Throws: `EMFILE`, `ENOMEM` and similar errors.
  package init(
    _ sockets: DatagramSockets, _ policy: AccessPolicy, report: @escaping (DatagramEvent) -> Void
  ) throws(IOFailure) {
    connections = try AcceptQueue(at: sockets.locals)
    queue = try KernelQueue()
    reactor = Reactor(waitingWith: queue)
    arrivals = try sockets.watches(in: reactor)
    for arrival in arrivals { try arrival.watch(for: .readable) }
    received = try DatagramBatch(over: sockets.family)
    sent = try DatagramBatch(over: sockets.family)
    self.sockets = sockets
    self.policy = policy
    self.report = report
  }

  // MARK: The server's task

  /// A single one, that of a queue of all.
  package var descriptors: [FileDescriptor] { [queue.descriptor] }

  /// Always true.
  package var carriesConnections: Bool { true }

  /// Moves what has arrived, in both directions.
  package func attend() throws(IOFailure) {
    try sockets.wait(for: arrivals, in: reactor, until: .now)
    var hasArrived = false
    for arrival in arrivals where !arrival.take().isEmpty { hasArrived = true }
    if hasArrived { try receive() }
    sockets.pauseEnd?.sleep()
  }

  package func closeInChild() {
    sockets.closeInChild()
    for member in members.values { ChildProcess.close(member.pair.near) }
    ChildProcess.close(queue.descriptor)
  }

  /// Sends what the connections have written, and closes everything, which removes a socket file.
  package func close() {
    connections.close()
    for member in members.values {
      forward(from: member)
      remove(member)
    }
    sockets.close()
  }

  // MARK: From the peers

  private func receive() throws(IOFailure) {
    for _ in 0..<Self.burst {
      guard try sockets.receive(into: received) else { return }
      for index in 0..<received.count where received.length(at: index) > 0 { pass(index) }
    }
  }

  /// Passes a datagram on to the connection of its peer.
  private func pass(_ index: Int) {
    let peer = received.datagram(at: index).source
    guard policy.admits(peer) else {
      if refused != peer { policy.report(.refused(peer)) }
      refused = peer
      return
    }
    if let member = members[peer] {
      if write(index, to: member) { return }
      // The connection is closed: the datagram is the first one of the next.
      forward(from: member)
      remove(member)
    }
    if let member = add(peer, index) { _ = write(index, to: member) }
  }

  /// Begins a connection.
  ///
  /// - Returns: `nil` if that is not possible now.
  private func add(_ peer: Address, _ index: Int) -> Member? {
    guard connections.hasRoom else { return nil }
    do throws(IOFailure) {
      let member = Member(
        peer, along: received.returnPath(at: index), by: sockets.current, try SocketPair(of: .messages))
      let local = received.datagram(at: index).destination
      let connection = try member.pair.takeFar(standingFor: peer, at: local)
      member.registration = try reactor.register(member.pair.near, for: .readable) {
        [unowned self, unowned member] _ in
        if forward(from: member) { remove(member) }
      }
      members[peer] = member
      connections.add(connection)
      return member
    } catch {
      backoff.begin(because: error) { policy.report(.short($0)) }
      return nil
    }
  }

  /// Writes a datagram to a connection, or drops it.
  ///
  /// - Returns: Whether the connection is open.
  private func write(_ index: Int, to member: Member) -> Bool {
    do throws(Errno) {
      let transfer = try received.withBytes(at: index) { (bytes) throws(Errno) in
        guard bytes.count <= Self.longestMessage else { throw .messageTooLong }
        return try Transfer.send(to: member.pair.near, from: bytes)
      }
      if case .moved = transfer { return true }
    } catch .messageTooLong {
      // It does not fit into a message.
    } catch {
      return false
    }
    member.dropped += 1
    if member.dropped == 1 { report(.dropped(1, from: member.peer)) }
    return true
  }

  // MARK: To the peers

  /// Sends what a connection has written.
  ///
  /// - Returns: Whether it has ended.
  @discardableResult
  private func forward(from member: Member) -> Bool {
    let nothing: [UInt8] = []
    var isOver = false
    sent.removeAll()
    reading: for _ in 0..<sent.capacity {
      switch read(from: member) {
      // A peer without a name cannot be answered.
      case .moved where member.peer == .unnamed: continue
      case .moved(let count):
        let bytes = message
        try? sent.append(bytes.span.extracting(first: count), nothing.span, along: member.path)
      case .wouldBlock: break reading
      case .endOfStream, nil:
        isOver = true
        break reading
      }
    }
    sockets.deliver(sent, by: member.socket, sent: { _ in }) { error in
      report(.answerFailed(error))
      // A peer of the Unix domain that is gone does not return.
      if sockets.family == .unix, error.code != .wouldBlock { isOver = true }
    }
    return isOver
  }

  /// Reads a message; `nil` if the connection has failed.
  private func read(from member: Member) -> Transfer? {
    func read(_ bytes: inout [UInt8]) -> Transfer? {
      var buffer = bytes.mutableSpan
      return try? Transfer.receiveMessage(from: member.pair.near, into: &buffer)
    }
    return read(&message)
  }

  private func remove(_ member: Member) {
    // Before the socket is closed, which a child process may hold open.
    member.registration = nil
    members[member.peer] = nil
    if member.dropped > 1 { report(.dropped(member.dropped, from: member.peer)) }
  }
}
