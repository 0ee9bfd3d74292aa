// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage

/// A plain stream socket as the far side of a relay.
package class SocketStream: ByteStream {
  private let socket: StreamSocket
  /// The number of bytes acknowledged when the relay began, such as those of the handshake.
  private let acknowledgedBefore: Int?

  private var check = EndOfStreamCheck()
  private var progress = DeliveryProgress()
  private let longestSend: Int

  /// Takes ownership of a connected socket.
  ///
  /// - Parameter acknowledged: The number of bytes that the peer's system has acknowledged before, which is 0 for a
  ///   newly accepted connection; by default the kernel is queried.
  package init(_ socket: consuming StreamSocket, acknowledged: Int? = nil) {
    acknowledgedBefore = acknowledged ?? TCPInformation(of: socket.descriptor)?.acknowledged
    longestSend = socket.longestSend
    self.socket = socket
  }

  /// Completes the handshake of TCP Fast Open.
  package func completeDeferredHandshake(until deadline: Deadline) throws(IOFailure) {
    try socket.completeDeferredHandshake(until: deadline)
  }

  /// A socket, unless each read has to be followed by an acknowledgement, or the transport is one of which the kernel
  /// cannot move the bytes by itself.
  package var medium: DescriptorKind {
    socket.isQuickAcknowledging || !socket.transport.isSpliced ? .opaque : .socket
  }
  /// Always false: a byte stream has no messages.
  package var isReadWhole: Bool { false }
  /// Whether an association of SCTP has failed: no wait for the descriptor reports its end then.
  package var hasBufferedInput: Bool { associationFailure != nil }

  /// The failure after which nothing more arrives from an association of SCTP, although no read reports it. A peer that
  /// takes no more bytes may still have sent some.
  private var associationFailure: Errno? {
    socket.transport == .sctp ? check.failure.flatMap { $0 == .brokenPipe ? nil : $0 } : nil
  }
  package var descriptor: FileDescriptor { socket.descriptor }
  package var name: String { "\(socket.remote)" }
  package var remote: Address { socket.remote }
  package var local: Address { socket.local }
  /// The number of bytes that have arrived and were not read yet.
  package func unreadBytes() throws(IOFailure) -> Int { try socket.unreadBytes() }

  /// Sets the low-water mark; a socket without support for it is read in smaller pieces.
  package func gather(_ count: Int) { try? socket.setReceiveLowWater(count) }

  /// Receives available bytes; end-of-stream is the peer's half-close.
  package func read(into buffer: inout MutableSpan<UInt8>, atMost limit: Int) throws(IOFailure) -> Transfer {
    do {
      guard socket.transport != .sctp else { return try receiveFromAssociation(&buffer, atMost: limit) }
      let transfer = try Transfer.receive(from: descriptor, into: &buffer, atMost: limit)
      if case .moved = transfer { socket.acknowledgeAtOnce() }
      return transfer
    } catch .socketNotConnected where socket.transport == .vsock {
      // So the kernel reports the end if the peer had closed before this side half-closed.
      return .endOfStream
    } catch {
      throw readError(error)
    }
  }

  private func receiveFromAssociation(
    _ buffer: inout MutableSpan<UInt8>, atMost limit: Int
  ) throws(Errno) -> Transfer {
    let transfer = try Transfer.receiveFromAssociation(descriptor, into: &buffer, atMost: limit)
    if transfer == .wouldBlock, let associationFailure { throw associationFailure }
    return transfer
  }

  /// Sends as many bytes as fit into the send buffer.
  package func write(_ buffer: Span<UInt8>, moreFollows: Bool) throws(IOFailure) -> Transfer {
    let part = buffer.count > longestSend ? buffer.extracting(first: longestSend) : buffer
    do {
      return try .send(to: descriptor, from: part, moreFollows: moreFollows)
    } catch .socketShutdown where socket.transport == .sctp {
      // The peer has ended the association, which other transports call a broken pipe.
      throw writeError(.brokenPipe)
    } catch {
      throw writeError(error)
    }
  }

  package var hasHalfClose: Bool { socket.transport.hasHalfClose }

  /// Half-closes the connection, or ends it if it has no half-close.
  package func finish() throws(IOFailure) -> Finish {
    guard try socket.shutdownSending() else { return .disconnected }
    check.didHalfClose()
    return .done
  }
  /// Queries the number of bytes that the peer's system has not acknowledged.
  package func unacknowledgedBytes() throws(IOFailure) -> Int { try socket.unacknowledgedBytes() }
  /// Queries the number of bytes that the peer's system has acknowledged since the relay began.
  package func acknowledgedBytes() -> Int? {
    guard let acknowledgedBefore, let now = TCPInformation(of: descriptor)?.acknowledged else { return nil }
    return now - acknowledgedBefore
  }
  /// Queries what the peer's system has acknowledged since the last check.
  package func lastDelivery(at now: Deadline) -> Deadline? {
    progress.lastDelivery(over: descriptor, at: now)
  }
  /// Turns keep-alive probes on.
  package func probePeer() throws(IOFailure) { try socket.probePeer() }
  /// The error that a call has reported, or else the socket's pending one.
  package func takeError() throws(IOFailure) -> IOFailure.Reason? {
    if let failure { return failure }
    let code = try socket.takeError()
    if let code { check.note(code) }
    return code.map { .errno($0) }
  }
  package func didFail(_ reason: IOFailure.Reason) {
    if case .errno(let code) = reason { check.note(code) }
  }
  package var failure: IOFailure.Reason? { check.failure.map { .errno($0) } }
  package func errorBehindEnd(received: Int?, sent: Int?) -> IOFailure.Reason? {
    if let sent, check.isHalfClosed {
      // After our half-close, only unacknowledged bytes distinguish a reset from an orderly end.
      guard let info = TCPInformation(of: descriptor), info.isClosed, let acknowledgedBefore else {
        return nil
      }
      return info.acknowledged - acknowledgedBefore < sent ? .errno(.connectionReset) : nil
    }
    return check.errorBehindEnd(of: descriptor, received: received).map { .errno($0) }
  }
  /// Makes closing return at once.
  package func stopLingering() throws(IOFailure) { try socket.stopLingering() }
  /// Determines how closing ends the connection; an orderly close never has to wait.
  package func setCloseRule(_ rule: CloseRule) throws(IOFailure) -> Finish {
    try socket.setCloseRule(rule)
    return .done
  }

  /// Ends the connection now, even for processes that share its descriptor.
  package func end(_ rule: CloseRule) {
    switch rule {
    case .orderly: socket.shutdownBoth()
    case .abort: socket.abort()
    }
  }
}
