// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage

/// A plain stream socket as the far side of a relay.
package final class SocketStream: ByteStream {
  private let socket: StreamSocket
  /// What had been confirmed when the relay began, such as the beginning of the connection itself.
  private let acknowledgedBefore: Int?

  private var check = EndOfStreamCheck()
  private var progress = DeliveryProgress()

  /// Takes over a connected socket.
  ///
  /// - Parameter acknowledged: What its peer's system has acknowledged before, in bytes, which is nothing of a connection
  ///   that was just accepted; the kernel is asked where it is not given.
  package init(_ socket: consuming StreamSocket, acknowledged: Int? = nil) {
    acknowledgedBefore = acknowledged ?? TCPInformation(of: socket.number)?.acknowledged
    self.socket = socket
  }

  package var medium: DescriptorKind { .socket }
  package var number: FileDescriptor { socket.number }
  package var name: String { "\(socket.remote)" }
  package var remote: Address { socket.remote }
  /// What has arrived and was not read yet, in bytes.
  package func unreadBytes() throws(SystemError) -> Int { try socket.unreadBytes() }

  /// Sets the low-water mark; a socket that has none is read in smaller pieces.
  package func gather(_ count: Int) { try? socket.setReceiveLowWater(count) }

  /// Receives what is there; the end of the stream is the peer's half-close.
  package func read(into buffer: inout MutableSpan<UInt8>, atMost limit: Int) throws(SystemError) -> Transfer
  {
    do { return try .receive(from: number, into: &buffer, atMost: limit) } catch { throw readError(error) }
  }

  /// Sends as much as fits into the send buffer.
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
  /// Asks the kernel what the peer's system has not confirmed.
  package func unacknowledgedBytes() throws(SystemError) -> Int { try socket.unacknowledgedBytes() }
  /// Asks the kernel what the peer's system has confirmed since the relay began.
  package func acknowledgedBytes() -> Int? {
    guard let acknowledgedBefore, let now = TCPInformation(of: number)?.acknowledged else { return nil }
    return now - acknowledgedBefore
  }
  /// Asks the kernel what the peer's system has confirmed since the last look.
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
      // Behind a half-close only what is not acknowledged tells a reset from an end.
      guard let info = TCPInformation(of: number), info.isClosed, let acknowledgedBefore else { return nil }
      return info.acknowledged - acknowledgedBefore < sent ? .connectionReset : nil
    }
    return check.errorBehindEnd(of: number, received: received)
  }
  /// Makes closing reset the connection, for which a Unix socket has no means.
  package func resetOnClose() throws(SystemError) { try socket.resetOnClose() }
  /// Makes closing end the connection in order.
  package func allowOrderlyClose() throws(SystemError) -> Finish {
    try socket.allowOrderlyClose()
    return .done
  }
}
