// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import SystemPackage

/// The sockets that datagrams are received by, one for each address, behind one descriptor to wait on.
///
/// What is sent leaves by the socket that received last, so that an answer comes from the address that was asked.
package final class DatagramSockets {
  private var sockets: [Bound<DatagramSocket>]
  private let group: ReadinessGroup
  private let report: (DatagramEvent) -> Void
  private var backoff = ResourceBackoff()
  /// The socket that received last.
  private var current = 0

  /// How long a receive that failed for want of memory blocks before the next one is made: nothing tells when there is
  /// memory again.
  private static let pause = Duration.milliseconds(10)

  /// Takes over sockets of one family, or of the two of IP; at least one.
  ///
  /// - Parameter report: Reports why receiving pauses.
  /// - Throws: `EMFILE` and its like, where there are several.
  package init(
    _ sockets: [Bound<DatagramSocket>], report: @escaping (DatagramEvent) -> Void
  ) throws(SystemError) {
    self.sockets = sockets
    self.report = report
    group = try ReadinessGroup(of: sockets.map { $0.socket.number })
  }

  /// The addresses that are bound.
  package var locals: [Address] { sockets.map(\.local) }
  /// The family of the sockets; of both, one of them.
  var family: AddressFamily { sockets[0].socket.family }
  /// The descriptor to wait on; readable once a datagram waits at any of the sockets.
  var number: FileDescriptor { group.number }
  /// Whether there is one socket only.
  var isSole: Bool { sockets.count == 1 }

  /// Receives what waits at the next socket that has something, at most `limit` datagrams, which replace what the batch held.
  ///
  /// - Returns: Whether any came.
  /// - Throws: What breaks a socket; an error that passes is reported, and nothing came.
  func receive(into batch: DatagramBatch, limit: Int = .max) throws(SystemError) -> Bool {
    for _ in sockets {
      current = (current + 1) % sockets.count
      do {
        if try sockets[current].socket.receive(into: batch, limit: limit) { return true }
      } catch {
        guard !error.code.isPermanent else { throw error }
        backoff.begin(because: error, report: { report(.receivingPaused($0)) })
        Deadline.after(Self.pause).sleep()
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
    for member in sockets { ChildProcess.close(member.socket.number) }
    group.closeInChild()
  }
}
