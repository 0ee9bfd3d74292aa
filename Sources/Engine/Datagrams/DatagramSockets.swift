// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
package import Sockets
import SystemPackage

/// The sockets that receive datagrams, one for each address.
///
/// Datagrams are sent from the socket that received last, so that an answer comes from the address that the datagram
/// was sent to.
package final class DatagramSockets {
  private var sockets: [Bound<DatagramSocket>]
  private let report: (DatagramEvent) -> Void
  private var backoff = ResourceBackoff()
  /// The number of the socket that received last.
  private(set) var current = 0
  /// The sessions that protect the datagrams; `nil` if they are plain.
  private var sessions: DatagramSessions?

  /// The end of a pause in receiving after a transient failure; `nil` if there is no pause.
  private(set) var pauseEnd: Deadline?

  /// The length of a pause for lack of memory: the kernel does not report when memory is available again.
  private static let pause = Duration.milliseconds(10)

  /// Takes ownership of sockets of one family, or of both IP families; at least one.
  ///
  /// - Parameter report: Called with the reason for a pause in receiving.
  package init(_ sockets: [Bound<DatagramSocket>], report: @escaping (DatagramEvent) -> Void) {
    self.sockets = sockets
    self.report = report
  }

  /// Protects the datagrams from now on.
  ///
  /// - Throws: `EMFILE`, `ENOMEM` and similar errors.
  package func protect(by protection: DatagramProtection) throws(IOFailure) {
    sessions = try DatagramSessions(protection, over: family, report: report)
  }

  /// The bound addresses.
  package var locals: [Address] { sockets.map(\.local) }
  /// The family of the sockets; if there are both, one of them.
  var family: AddressFamily { sockets[0].socket.family }
  /// The descriptors to wait on, each readable once there is something to receive.
  var descriptors: [FileDescriptor] {
    sockets.map { $0.socket.descriptor } + [sessions?.descriptor].compactMap { $0 }
  }
  /// Whether there is a single socket.
  var isSole: Bool { sockets.count == 1 }

  // MARK: Waiting

  /// Adds the sockets to a reactor, to be watched by `wait`.
  ///
  /// - Throws: `ENOMEM` and similar errors.
  func watches(in reactor: Reactor) throws(IOFailure) -> [Watch] {
    var watches: [Watch] = []
    for descriptor in descriptors { watches.append(try Watch(descriptor, in: reactor)) }
    return watches
  }

  /// Waits until a datagram has arrived, another member of the reactor is ready, or a pause or the deadline has ended.
  ///
  /// - Parameters:
  ///   - watches: The watches of the sockets, which are not watched during a pause.
  ///   - deadline: When the wait ends at the latest.
  /// - Returns: Whether a descriptor is ready.
  @discardableResult
  func wait(
    for watches: [Watch], in reactor: Reactor, until deadline: Deadline
  ) throws(IOFailure) -> Bool {
    for watch in watches { try watch.watch(for: pauseEnd == nil ? .readable : nil) }
    return try reactor.turn(until: min(pauseEnd ?? .never, deadline))
  }

  /// Ends a pause early.
  func endPause() { pauseEnd = nil }

  // MARK: Receiving and sending

  /// Receives the datagrams of the next socket that has any, at most `limit`; they replace the contents of the batch.
  ///
  /// - Returns: Whether any were received; none are received during a pause.
  /// - Throws: A permanent error of a socket; a transient error is reported, and starts a pause.
  func receive(into batch: DatagramBatch, limit: Int = .max) throws(IOFailure) -> Bool {
    guard let sessions else { return try receivePlain(into: batch, limit: limit) }
    return try sessions.receive(into: batch, limit: limit, send: send) { (records) throws(IOFailure) in
      try receivePlain(into: records, limit: .max) ? current : nil
    }
  }

  private func receivePlain(into batch: DatagramBatch, limit: Int) throws(IOFailure) -> Bool {
    guard pauseEnd?.hasPassed ?? true else { return false }
    pauseEnd = nil
    for _ in sockets {
      current = (current + 1) % sockets.count
      do {
        if try sockets[current].socket.receive(into: batch, limit: limit) { return true }
      } catch {
        guard !error.code.isPermanent else { throw error }
        backoff.begin(because: error, report: { report(.receivingPaused($0)) })
        pauseEnd = .after(Self.pause)
      }
    }
    return false
  }

  /// Sends datagrams of a batch, starting with the one at index `first`, from the socket with a number.
  ///
  /// - Returns: The number of datagrams sent; 0 means that the call would block.
  private func send(
    _ batch: DatagramBatch, from first: Int, count: Int, by socket: Int
  ) throws(IOFailure) -> Int {
    guard let sessions else { return try sockets[socket].socket.send(batch, from: first, count: count) }
    let datagrams = try sessions.protect(batch, from: first, count: count)
    return try sockets[socket].socket.send(datagrams, from: 0, count: datagrams.count)
  }

  /// The longest wait for room in the send buffer.
  private static let patience = Duration.seconds(1)

  /// Sends all datagrams of a batch, and waits for room in the send buffer.
  ///
  /// - Parameters:
  ///   - socket: The number of the socket; `nil` for the one that received last.
  ///   - sent: Called with the indices of datagrams that were sent.
  ///   - failed: Called with the error of a datagram, which concerns only that one.
  func deliver(
    _ batch: DatagramBatch, by socket: Int? = nil, sent: (Range<Int>) -> Void, failed: (IOFailure) -> Void
  ) {
    let socket = socket ?? current
    var next = 0
    while next < batch.count {
      do {
        let count = try send(batch, from: next, count: batch.count - next, by: socket)
        if count == 0 { try awaitRoom(in: socket, for: batch.datagram(at: next).source) }
        sent(next..<next + count)
        next += count
      } catch {
        // The error concerns only the first of them.
        failed(IOFailure(.sendDatagram(to: batch.datagram(at: next).source), error.code))
        next += 1
      }
    }
  }

  /// Waits for room in the send buffer; a Unix socket does not report when its reader has room again.
  private func awaitRoom(in socket: Int, for peer: Address) throws(IOFailure) {
    guard family != .unix,
      try !sockets[socket].socket.descriptor.wait(for: .writable, until: .after(Self.patience)).isEmpty
    else { throw IOFailure(.sendDatagram(to: peer), .wouldBlock) }
  }

  private func send(_ datagram: DatagramBatch, from socket: Int) {
    if socket < sockets.count { _ = try? sockets[socket].socket.send(datagram, from: 0, count: 1) }
  }

  /// The number of datagrams that the kernel dropped, for each address.
  package func drops() throws(IOFailure) -> [(local: Address, count: Int)] {
    var result: [(local: Address, count: Int)] = []
    for member in sockets { result.append((member.local, try member.socket.droppedCount())) }
    return result
  }

  /// The size of the receive buffers that the kernel reports, in bytes.
  package func receiveBuffer() throws(IOFailure) -> Int {
    try SocketOption.receiveBuffer.value(on: sockets[0].socket.descriptor)
  }

  /// Ends the sessions, and closes the sockets, which removes a socket file.
  package func close() {
    sessions?.endAll(send)
    sockets = []
  }

  /// Closes the descriptors in a child process, which leaves the sockets to the parent.
  func closeInChild() {
    for descriptor in descriptors { ChildProcess.close(descriptor) }
  }
}
