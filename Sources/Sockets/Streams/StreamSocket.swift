// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// One end of a byte stream between two programs, TCP or Unix; it never blocks.
package struct StreamSocket: ~Copyable, Sendable {
  private let descriptor: Descriptor
  /// The family of the socket; an IPv6 one may carry IPv4.
  package let family: AddressFamily
  /// The other side's address.
  package let remote: Address
  /// What a user asked of `SO_LINGER`: how long an orderly close waits for what is unsent.
  private let linger: Duration?

  /// Takes over a connected, non-blocking socket.
  init(
    _ descriptor: consuming Descriptor, family: AddressFamily, remote: Address, linger: Duration? = nil
  ) {
    self.descriptor = descriptor
    self.family = family
    self.remote = remote
    self.linger = linger
  }

  /// The descriptor to wait on or to move bytes through; it must not outlive the socket.
  package var number: FileDescriptor { descriptor.number }

  /// This side's address. The corresponding C function is `getsockname`.
  package var local: Address { Self.localAddress(of: number) ?? .unnamed }

  /// The address a socket is bound to, or `nil` if the kernel does not say.
  package static func localAddress(of socket: FileDescriptor) -> Address? {
    var kernelAddress = KernelAddress()
    let status = try? systemCall("getsockname(\(socket.rawValue))") {
      unsafe kernelAddress.write { unsafe getsockname(socket.rawValue, $0, $1) }
    }
    return status == 0 ? kernelAddress.address : nil
  }

  /// The address a socket is connected to, or `nil` if it is not connected. The corresponding C function is
  /// `getpeername`.
  package static func remoteAddress(of socket: FileDescriptor) -> Address? {
    var kernelAddress = KernelAddress()
    let status = try? systemCall("getpeername(\(socket.rawValue))") {
      unsafe kernelAddress.write { unsafe getpeername(socket.rawValue, $0, $1) }
    }
    return status == 0 ? kernelAddress.address : nil
  }

  /// Half-closes: tells the peer that nothing more is coming, and goes on receiving.
  ///
  /// The corresponding C function is `shutdown` with `SHUT_WR`. A peer that is gone is no error. A reset on close is
  /// taken back before: from here on it would drop what is queued.
  ///
  /// - Returns: Whether there was a connection still.
  @discardableResult
  package func shutdownSending() throws(SystemError) -> Bool {
    try allowOrderlyClose()
    do {
      _ = try systemCall("shutdown(\(number.rawValue), SHUT_WR)") {
        shutdown(number.rawValue, Platform.shutWrite)
      }
      return true
    } catch .socketNotConnected {
      return false
    } catch {
      throw SystemError(.send(to: "\(remote)"), error)
    }
  }

  /// Ends both directions, for all who hold the connection. The corresponding C function is `shutdown` with
  /// `SHUT_RDWR`; a peer that is gone is no error.
  package func shutdownBoth() {
    _ = try? systemCall("shutdown(\(number.rawValue), SHUT_RDWR)") {
      shutdown(number.rawValue, Platform.shutBoth)
    }
  }

  /// Resets the connection, for all who hold it: `connect` with `AF_UNSPEC`. A Unix socket, which has no resets, ends both
  /// directions.
  package func abort() {
    guard family != .unix else { return shutdownBoth() }
    _ = try? systemCall("connect(\(number.rawValue), AF_UNSPEC)") { csockkit_disconnect(number.rawValue) }
  }

  /// Has reads and writes wait, for all who share the connection: what a program expects of its standard streams.
  package func makeBlocking() throws(SystemError) {
    let number = number.rawValue
    _ = try attempting(.set("blocking mode")) { () throws(Errno) in
      try systemCall("fcntl(\(number), F_SETFL, ~O_NONBLOCK)") { csockkit_make_blocking(number) }
    }
  }

  /// Completes the handshake of a TCP Fast Open connection that waits for the first bytes, without any: a peer
  /// that speaks first would wait for ever for a sender that has nothing to say.
  package func completeDeferredHandshake(until deadline: Deadline) throws(SystemError) {
    let nothing: [UInt8] = []
    do {
      _ = try Transfer.send(to: number, from: nothing.span)
    } catch .nowInProgress {
      guard try !number.wait(for: .writable, until: deadline).isEmpty else {
        throw SystemError(.connect(remote), .timedOut)
      }
      if let error = try takeError() { throw SystemError(.connect(remote), error) }
    } catch {
      throw SystemError(.connect(remote), error)
    }
  }

  /// What was sent but not yet acknowledged by the peer's system, in bytes, the half-close counting as one;
  /// always 0 on a Unix socket, where sending is arriving.
  package func unacknowledgedBytes() throws(SystemError) -> Int {
    guard family != .unix else { return 0 }
    return try QueuedBytes.unsent(in: number, to: "\(remote)")
  }

  /// What has arrived and was not read yet, in bytes.
  package func unreadBytes() throws(SystemError) -> Int {
    try QueuedBytes.unread(in: number, from: "\(remote)")
  }

  /// Takes the error that a wait reported, so that it is reported once; `nil` if there is none.
  package func takeError() throws(SystemError) -> Errno? {
    let code = try SocketOption.pendingError.value(on: number)
    return code == 0 ? nil : Errno(rawValue: CInt(code))
  }

  /// Finds out early if the peer has vanished without a word, also while bytes are under way: about a minute passes before
  /// the connection fails.
  package func probePeer() throws(SystemError) {
    guard family != .unix else { return }
    try SocketSettings.probePeer(on: number)
  }

  /// Makes a wait for something to read last until this many bytes are there, or the stream has ended:
  /// `SO_RCVLOWAT`, which Unix sockets do not heed.
  package func setReceiveLowWater(_ count: Int) throws(SystemError) {
    try SocketOption.receiveLowWater.set(count, on: number)
  }

  /// Makes closing reset the connection, also when the process is killed: `SO_LINGER` of no seconds.
  ///
  /// A connection is in this state from its beginning until it is done, so that a peer cannot take what was cut off for
  /// what is complete. A Unix socket, which has no resets, ends in order.
  package func resetOnClose() throws(SystemError) {
    guard family != .unix else { return }
    try SocketSettings.setLinger(.zero, on: number)
  }

  /// Makes closing end the connection in order, after what `--linger` asks for: it is done.
  package func allowOrderlyClose() throws(SystemError) {
    guard family != .unix else { return }
    try SocketSettings.setLinger(linger, on: number)
  }

  /// Closes now, after what `SO_LINGER` asks for.
  package consuming func close() throws(SystemError) { try descriptor.close() }
}
