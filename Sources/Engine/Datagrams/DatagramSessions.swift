// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import SystemPackage
package import Transport

/// The sessions that protect the datagrams of a receiver, one for each peer.
final class DatagramSessions {
  private struct Member {
    let session: any DatagramSession
    /// Where its datagrams go to, and the number of the socket that they leave from.
    let path: ReturnPath
    let socket: Int
    var lastActivity: Deadline
  }

  /// Sends the only datagram of a batch from the socket with a number. What cannot be sent is lost as on the way: the
  /// session repeats it.
  typealias Sending = (_ datagram: DatagramBatch, _ socket: Int) -> Void

  private let settings: DatagramProtection
  private let timer: TimerDescriptor
  private let input: ProtectedInput
  private let output: ProtectedOutput
  private let report: (DatagramEvent) -> Void
  private var members: [Address: Member] = [:]
  /// Whether it was reported that there is no room for further peers.
  private var isFullReported = false

  /// - Throws: `EMFILE`, `ENOMEM` and similar errors.
  init(
    _ settings: DatagramProtection, over family: AddressFamily, report: @escaping (DatagramEvent) -> Void
  ) throws(IOFailure) {
    self.settings = settings
    self.report = report
    timer = try TimerDescriptor()
    input = try ProtectedInput(over: family)
    output = try ProtectedOutput(over: family)
  }

  /// Readable when there is something to do although no datagram has arrived.
  var descriptor: FileDescriptor { timer.descriptor }

  // MARK: Receiving

  /// Receives messages, at most `limit`; they replace the contents of the batch.
  ///
  /// - Parameters:
  ///   - receive: Receives datagrams into a batch; returns the number of their socket, or `nil` if there are none.
  ///   - send: Sends the datagrams of the sessions themselves, such as those of handshakes.
  /// - Returns: Whether there are any.
  func receive(
    into batch: DatagramBatch, limit: Int, send: Sending,
    from receive: (DatagramBatch) throws(IOFailure) -> Int?
  ) throws(IOFailure) -> Bool {
    let now = Deadline.now
    if timer.deadline <= now { expire(at: now, send) }
    var socket = current
    let isAny = try input.receive(
      into: batch, limit: limit,
      from: { (records) throws(IOFailure) in
        guard let number = try receive(records) else { return false }
        socket = number
        return true
      },
      take: { take($0, $1, from: socket, at: now, send) },
      finish: { session, records, index, ending in
        let peer = records.datagram(at: index).source
        sendDatagrams(of: session, to: peer, send)
        switch ending {
        case .drained: wake(at: min(session.deadline, settings.idle.map { now + $0 } ?? .never))
        case .ended: remove(peer)
        case .failed(let error):
          report(.sessionFailed(error))
          remove(peer)
        }
      })
    current = socket
    if input.isPending { timer.set(now) }
    return isAny
  }

  /// The number of the socket that received last.
  private var current = 0

  private func take(
    _ records: DatagramBatch, _ index: Int, from socket: Int, at now: Deadline, _ send: Sending
  ) -> (any DatagramSession)? {
    let peer = records.datagram(at: index).source
    return records.withBytes(at: index) { bytes in
      if var member = members[peer], !member.session.isSuperseded(by: bytes) {
        member.lastActivity = now
        members[peer] = member
        member.session.take(bytes)
        return member.session
      }
      guard settings.admits(peer), hasRoom(for: peer) else { return nil }
      let path = records.returnPath(at: index)
      guard
        let session = settings.acceptor.accept(
          bytes, from: peer, send: { self.send($0, along: path, from: socket, by: send) })
      else { return nil }
      members[peer] = Member(session: session, path: path, socket: socket, lastActivity: now)
      return session
    }
  }

  private func hasRoom(for peer: Address) -> Bool {
    guard members.count >= settings.limit, members[peer] == nil else { return true }
    if !isFullReported { report(.sessionRefused(peer, limit: settings.limit)) }
    isFullReported = true
    return false
  }

  private func remove(_ peer: Address) {
    members[peer] = nil
    isFullReported = false
  }

  private func sendDatagrams(of session: any DatagramSession, to peer: Address, _ send: Sending) {
    guard let member = members[peer] else { return }
    for datagram in session.takeDatagrams() {
      self.send(datagram, along: member.path, from: member.socket, by: send)
    }
  }

  private func send(_ datagram: [UInt8], along path: ReturnPath, from socket: Int, by send: Sending) {
    if let batch = try? output.only(datagram, along: path) { send(batch, socket) }
  }

  // MARK: Sending

  /// Protects messages to peers that have sessions, starting with the one at index `first`.
  ///
  /// - Returns: The datagrams of at least one message, and at most `count`.
  /// - Throws: The reason why the first one cannot be sent.
  func protect(_ batch: DatagramBatch, from first: Int, count: Int) throws(IOFailure) -> DatagramBatch {
    try output.protect(batch, from: first, count: count) { (peer) throws(IOFailure) in
      guard let member = members[peer] else { throw IOFailure(.sendDatagram(to: peer), .socketNotConnected) }
      return member.session
    }
  }

  // MARK: Time

  /// Makes the descriptor readable at a time, if it would become readable later.
  private func wake(at deadline: Deadline) {
    if deadline < timer.deadline { timer.set(deadline) }
  }

  /// Handles the sessions whose time has come, and determines the next time.
  private func expire(at now: Deadline, _ send: Sending) {
    var next = Deadline.never
    for (peer, member) in members {
      let idleEnd = settings.idle.map { member.lastActivity + $0 } ?? .never
      if idleEnd <= now {
        member.session.end()
        sendDatagrams(of: member.session, to: peer, send)
        remove(peer)
        continue
      }
      if member.session.deadline <= now {
        do throws(IOFailure) { try member.session.expire(at: now) } catch {
          report(.sessionFailed(error))
          remove(peer)
          continue
        }
        sendDatagrams(of: member.session, to: peer, send)
      }
      next = min(next, member.session.deadline, idleEnd)
    }
    timer.set(next)
  }

  /// Ends all sessions.
  func endAll(_ send: Sending) {
    for (peer, member) in members {
      member.session.end()
      sendDatagrams(of: member.session, to: peer, send)
    }
    members = [:]
  }
}

/// How the datagrams of a receiver are protected.
package struct DatagramProtection {
  /// Begins the sessions.
  package var acceptor: any DatagramSessionAcceptor
  /// The maximum number of sessions.
  package var limit: Int
  /// The time without a datagram after which a session ends; `nil` for never.
  package var idle: Duration?
  /// Whether a peer may have a session.
  package var admits: (Address) -> Bool = { _ in true }

  /// The number of sessions, unless another one is requested.
  package static let usualLimit = 1000

  /// Describes a protection.
  package init(by acceptor: any DatagramSessionAcceptor, limit: Int, idle: Duration?) {
    self.acceptor = acceptor
    self.limit = limit
    self.idle = idle
  }
}
