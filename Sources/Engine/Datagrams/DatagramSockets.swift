// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
package import Sockets
import SystemPackage

/// The sockets that datagrams are received by, one for each address.
///
/// What is sent leaves by the socket that received last, so that an answer comes from the address that was asked.
package final class DatagramSockets {
  private var sockets: [Bound<DatagramSocket>]
  private let report: (DatagramEvent) -> Void
  private var backoff = ResourceBackoff()
  /// The socket that received last.
  private var current = 0

  /// Until when receiving pauses, after a failure that passes; `nil` if it does not.
  private(set) var pauseEnd: Deadline?

  /// How long receiving pauses for want of memory: the kernel does not report when there is memory again.
  private static let pause = Duration.milliseconds(10)

  /// Takes over sockets of one family, or of the two of IP; at least one.
  ///
  /// - Parameter report: Reports why receiving pauses.
  package init(_ sockets: [Bound<DatagramSocket>], report: @escaping (DatagramEvent) -> Void) {
    self.sockets = sockets
    self.report = report
  }

  /// The addresses that are bound.
  package var locals: [Address] { sockets.map(\.local) }
  /// The family of the sockets; of both, one of them.
  var family: AddressFamily { sockets[0].socket.family }
  /// The descriptors to wait on, each readable once a datagram waits at its socket.
  var numbers: [FileDescriptor] { sockets.map { $0.socket.number } }
  /// Whether there is one socket only.
  var isSole: Bool { sockets.count == 1 }

  // MARK: Waiting

  /// Adds the sockets to a reactor, for `wait` to watch them.
  ///
  /// - Throws: `ENOMEM` and its like.
  func watches(in reactor: Reactor) throws(SystemError) -> [Watch] {
    var watches: [Watch] = []
    for number in numbers { watches.append(try Watch(number, in: reactor)) }
    return watches
  }

  /// Waits until a datagram has come, another member of the reactor is ready, or a pause or the time is over.
  ///
  /// - Parameters:
  ///   - watches: Those of the sockets, which are watched for nothing in a pause.
  ///   - deadline: When the wait ends at the latest.
  /// - Returns: Whether a descriptor is ready.
  @discardableResult
  func wait(
    for watches: [Watch], in reactor: Reactor, until deadline: Deadline
  ) throws(SystemError) -> Bool {
    for watch in watches { try watch.watch(for: pauseEnd == nil ? .readable : nil) }
    return try reactor.turn(until: min(pauseEnd ?? .never, deadline))
  }

  /// Ends a pause before its time.
  func endPause() { pauseEnd = nil }

  // MARK: Receiving and sending

  /// Receives what waits at the next socket that has something, at most `limit` datagrams, which replace what the batch held.
  ///
  /// - Returns: Whether any came; none comes in a pause.
  /// - Throws: What breaks a socket; an error that passes is reported, and begins a pause.
  func receive(into batch: DatagramBatch, limit: Int = .max) throws(SystemError) -> Bool {
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

  /// Sends datagrams of a batch from the one at `first` on, by the socket that received last.
  ///
  /// - Returns: How many were sent; 0 means that the call would block.
  func send(_ batch: DatagramBatch, from first: Int, count: Int) throws(SystemError) -> Int {
    try sockets[current].socket.send(batch, from: first, count: count)
  }

  /// The socket that received last.
  var sender: FileDescriptor { sockets[current].socket.number }

  /// How many datagrams the kernel dropped at each address.
  package func drops() throws(SystemError) -> [(local: Address, count: Int)] {
    var result: [(local: Address, count: Int)] = []
    for member in sockets { result.append((member.local, try member.socket.droppedCount())) }
    return result
  }

  /// What the kernel set the receive buffers to, in bytes.
  package func receiveBuffer() throws(SystemError) -> Int {
    try SocketOption.receiveBuffer.value(on: sockets[0].socket.number)
  }

  /// Closes the sockets, which removes a socket file.
  package func close() { sockets = [] }

  /// Closes the descriptors in a child process, which leaves the sockets to the parent.
  func closeInChild() {
    for number in numbers { ChildProcess.close(number) }
  }
}
