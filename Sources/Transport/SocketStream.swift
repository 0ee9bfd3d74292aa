// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage

/// A plain stream socket as the far side of a relay.
package final class SocketStream: ByteStream {
  private let socket: StreamSocket
  /// The number of bytes acknowledged when the relay began, such as those of the handshake.
  private let acknowledgedBefore: Int?

  private var check = EndOfStreamCheck()
  private var progress = DeliveryProgress()

  /// Takes ownership of a connected socket.
  ///
  /// - Parameter acknowledged: The number of bytes that the peer's system has acknowledged before, which is 0 for a
  ///   newly accepted connection; by default the kernel is queried.
  package init(_ socket: consuming StreamSocket, acknowledged: Int? = nil) {
    acknowledgedBefore = acknowledged ?? TCPInformation(of: socket.number)?.acknowledged
    self.socket = socket
  }

  package var medium: DescriptorKind { .socket }
  package var number: FileDescriptor { socket.number }
  package var name: String { "\(socket.remote)" }
  package var remote: Address { socket.remote }
  /// The number of bytes that have arrived and were not read yet.
  package func unreadBytes() throws(SystemError) -> Int { try socket.unreadBytes() }

  /// Sets the low-water mark; a socket without support for it is read in smaller pieces.
  package func gather(_ count: Int) { try? socket.setReceiveLowWater(count) }

  /// Receives available bytes; end-of-stream is the peer's half-close.
  package func read(into buffer: inout MutableSpan<UInt8>, atMost limit: Int) throws(SystemError) -> Transfer
  {
    do { return try .receive(from: number, into: &buffer, atMost: limit) } catch { throw readError(error) }
  }

  /// Sends as many bytes as fit into the send buffer.
  package func write(_ buffer: Span<UInt8>, moreFollows: Bool) throws(SystemError) -> Transfer {
    do { return try .send(to: number, from: buffer, moreFollows: moreFollows) } catch {
      throw writeError(error)
    }
  }

  /// A failure to receive from this peer.
  package func readError(_ code: Errno) -> SystemError { SystemError(.receive(from: name), code) }
  /// A failure to send to this peer.
  package func writeError(_ code: Errno) -> SystemError { SystemError(.send(to: name), code) }
  /// Half-closes the connection.
  package func finish() throws(SystemError) -> Finish {
    guard try socket.shutdownSending() else { return .disconnected }
    check.didHalfClose()
    return .done
  }
  /// Queries the number of bytes that the peer's system has not acknowledged.
  package func unacknowledgedBytes() throws(SystemError) -> Int { try socket.unacknowledgedBytes() }
  /// Queries the number of bytes that the peer's system has acknowledged since the relay began.
  package func acknowledgedBytes() -> Int? {
    guard let acknowledgedBefore, let now = TCPInformation(of: number)?.acknowledged else { return nil }
    return now - acknowledgedBefore
  }
  /// Queries what the peer's system has acknowledged since the last check.
  package func lastDelivery(at now: Deadline) -> Deadline? { progress.lastDelivery(over: number, at: now) }
  /// Turns keep-alive probes on.
  package func probePeer() throws(SystemError) { try socket.probePeer() }
  /// The error that a call has reported, or else the socket's pending one.
  package func takeError() throws(SystemError) -> Errno? {
    if let failure = check.failure { return failure }
    let code = try socket.takeError()
    if let code { check.note(code) }
    return code
  }
  package func didFail(_ code: Errno) { check.note(code) }
  package var failure: Errno? { check.failure }
  package func errorBehindEnd(received: Int?, sent: Int?) -> Errno? {
    if let sent, check.isHalfClosed {
      // After our half-close, only unacknowledged bytes distinguish a reset from an orderly end.
      guard let info = TCPInformation(of: number), info.isClosed, let acknowledgedBefore else { return nil }
      return info.acknowledged - acknowledgedBefore < sent ? .connectionReset : nil
    }
    return check.errorBehindEnd(of: number, received: received)
  }
  /// Makes closing reset the connection; has no effect on a Unix socket.
  package func resetOnClose() throws(SystemError) { try socket.resetOnClose() }
  /// Makes closing end the connection in order.
  package func allowOrderlyClose() throws(SystemError) -> Finish {
    try socket.allowOrderlyClose()
    return .done
  }
}
