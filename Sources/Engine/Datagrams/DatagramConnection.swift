// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage
import Transport

/// A socket that exchanges datagrams with one peer, the association with a proxy that relays them, and the session that
/// protects them, as far as there are any.
final class DatagramConnection {
  private let socket: DatagramSocket
  private let association: DatagramAssociation?
  private let session: (any DatagramSession)?
  /// The messages of received datagrams, and the datagrams of messages; `nil` without a session.
  private let input: ProtectedInput?
  private let output: ProtectedOutput?
  private var failure: IOFailure?

  /// Takes ownership of a socket, and completes the handshake of its session.
  ///
  /// - Throws: The error of the peer or of the path to it, or the reason why one side has refused the other.
  init(
    _ socket: consuming DatagramSocket, through association: DatagramAssociation?,
    protectedBy session: (any DatagramSession)?
  ) throws(IOFailure) {
    let family = socket.family
    self.socket = socket
    self.association = association
    self.session = session
    input = session == nil ? nil : try ProtectedInput(over: family)
    output = session == nil ? nil : try ProtectedOutput(over: family)
    if let session { try completeHandshake(of: session) }
  }

  /// The descriptor to wait on.
  var descriptor: FileDescriptor { socket.descriptor }
  /// The peer.
  var remote: Address? { socket.remote }
  /// Whether datagrams have to be received even if no replies are awaited, because they may end the session.
  var mustReceive: Bool { session != nil }

  private func completeHandshake(of session: any DatagramSession) throws(IOFailure) {
    let nothing = try DatagramBatch(over: socket.family)
    while try session.handshake() == .wouldBlock {
      try sendDatagrams(of: session)
      let end = session.deadline
      let readiness = try wait(for: .readable, until: end)
      if readiness.contains(.failed), let error = try socket.nextError() { throw error }
      if end.hasPassed {
        // A peer that does not answer may be down for a while, like one that refuses.
        do throws(IOFailure) { try session.expire(at: .now) } catch  where error.code == .timedOut {
          throw IOFailure(.sendDatagram(to: remote ?? .unnamed), .timedOut)
        }
      }
      // Messages that follow the handshake are left for the first call that has room for them.
      _ = try receive(into: nothing, limit: 0)
    }
    try sendDatagrams(of: session)
  }

  private func sendDatagrams(of session: any DatagramSession) throws(IOFailure) {
    guard let output else { return }
    for datagram in session.takeDatagrams() {
      guard let batch = try? output.only(datagram, along: .toPeer) else { continue }
      // One that does not fit into the send buffer is lost as on the way: the session repeats it.
      _ = try transmit(batch, from: 0, count: 1)
    }
  }

  private func transmit(_ batch: DatagramBatch, from first: Int, count: Int) throws(IOFailure) -> Int {
    guard let association else { return try socket.send(batch, from: first, count: count) }
    return try socket.send(try association.wrap(batch, from: first, count: count), from: 0, count: count)
  }

  private func collect(into batch: DatagramBatch, limit: Int = .max) throws(IOFailure) -> Bool {
    guard let association else { return try socket.receive(into: batch, limit: limit) }
    return try association.receive(into: batch) { (datagrams) throws(IOFailure) in
      try socket.receive(into: datagrams, limit: limit)
    }
  }

  private func comesFromPeer(_ source: Address) -> Bool {
    association?.isReply(from: source) ?? socket.isReply(from: source)
  }

  /// Waits until the socket is ready, or the deadline has passed.
  ///
  /// - Returns: What it is ready for; empty if the deadline has passed.
  /// - Throws: Also that the proxy has ended the association.
  func wait(for interest: Readiness, until deadline: Deadline) throws(IOFailure) -> Readiness {
    guard let association else { return try descriptor.wait(for: interest, until: deadline) }
    return try association.wait(for: interest, of: descriptor, until: deadline)
  }

  /// Sends messages of a batch.
  ///
  /// - Returns: The number of messages sent; 0 means that the call would block.
  func send(_ batch: DatagramBatch, from first: Int, count: Int) throws(IOFailure) -> Int {
    guard let session, let output else { return try transmit(batch, from: first, count: count) }
    if let failure { throw failure }
    let datagrams = try output.protect(batch, from: first, count: count) { (_) throws(IOFailure) in session }
    return try transmit(datagrams, from: 0, count: datagrams.count)
  }

  /// Receives available messages, at most `limit`.
  ///
  /// - Returns: Whether any were received.
  func receive(into batch: DatagramBatch, limit: Int) throws(IOFailure) -> Bool {
    guard let session, let input else { return try collect(into: batch, limit: limit) }
    let isAny = try input.receive(
      into: batch, limit: limit,
      from: { (records) throws(IOFailure) in try collect(into: records) },
      take: { records, index in
        guard comesFromPeer(records.datagram(at: index).source) else { return nil }
        records.withBytes(at: index) { session.take($0) }
        return session
      },
      finish: { _, _, _, ending in
        switch ending {
        // The end of a session is a failure only if there is another message.
        case .drained, .ended: break
        case .failed(let error): failure = failure ?? error
        }
      })
    try sendDatagrams(of: session)
    return isAny
  }

  /// Whether a datagram from an address is a reply; a session has accepted only such ones.
  func isReply(from source: Address) -> Bool { session != nil || comesFromPeer(source) }

  /// Takes the next reported error; `nil` if there is none.
  func nextError() throws(IOFailure) -> IOFailure? {
    if let error = try socket.nextError() { return error }
    defer { failure = nil }
    return failure
  }

  /// Ends the session.
  func end() {
    guard let session else { return }
    session.end()
    try? sendDatagrams(of: session)
  }
}
