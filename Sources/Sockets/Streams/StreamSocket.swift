// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// One end of a byte stream; it never blocks.
package struct StreamSocket: ~Copyable, Sendable {
  private let owned: Descriptor
  /// What carries the bytes.
  package let transport: StreamTransport
  /// The family of the socket; an IPv6 socket may carry IPv4.
  package let family: AddressFamily
  /// The peer's address.
  package let remote: Address
  /// The requested `SO_LINGER`: how long an orderly close waits for unsent bytes.
  private let linger: LingerTime?
  /// The local address if it is not the socket's own, because the socket stands for another.
  private let knownLocal: Address?
  /// Whether what was read is to be acknowledged at once.
  package let isQuickAcknowledging: Bool

  /// Takes ownership of a connected, non-blocking socket.
  ///
  /// - Parameter local: The local address, if it is not the socket's own.
  init(
    _ descriptor: consuming Descriptor, over transport: StreamTransport, family: AddressFamily,
    remote: Address, local: Address? = nil, linger: LingerTime? = nil,
    isQuickAcknowledging: Bool = false
  ) {
    owned = descriptor
    knownLocal = local
    self.isQuickAcknowledging = isQuickAcknowledging && transport == .tcp
    self.transport = transport
    self.family = family
    self.remote = remote
    self.linger = linger
  }

  /// Takes ownership of a connected socket that another process has accepted, and prepares it like one that
  /// `Listener.accept` returns.
  ///
  /// - Throws: `ENOTCONN` if it is not connected, or the error of an option.
  package init(adopting inherited: consuming Descriptor, settings: SocketSettings) throws(IOFailure) {
    let number = inherited.number
    guard let local = Self.localAddress(of: number), let remote = Self.remoteAddress(of: number) else {
      throw IOFailure(.create("connection from descriptor \(number.rawValue)"), .socketNotConnected)
    }
    try attempting(.set("blocking mode")) { () throws(Errno) in
      try number.setBlocking(settings.isBlocking)
      try number.setCloseOnExec()
    }
    let transport = StreamTransport(of: number, family: local.family)
    try settings.adapted(to: transport).apply(to: number, family: local.family)
    if local.family.isInternet { try SocketSettings.setLinger(.zero, on: number) }
    self.init(
      inherited, over: transport, family: local.family, remote: remote,
      linger: settings.linger.map { LingerTime($0) },
      isQuickAcknowledging: settings.isQuickAcknowledging)
  }

  /// The descriptor to wait on or to move bytes through; it must not outlive the socket.
  package var descriptor: FileDescriptor { owned.number }

  /// The local address. The corresponding C function is `getsockname`.
  package var local: Address { knownLocal ?? Self.localAddress(of: descriptor) ?? .unnamed }

  /// The address that a socket is bound to, or `nil` if the kernel reports none.
  package static func localAddress(of socket: FileDescriptor) -> Address? {
    var kernelAddress = KernelAddress()
    let status = try? systemCall("getsockname(\(socket.rawValue))") {
      unsafe kernelAddress.write { unsafe getsockname(socket.rawValue, $0, $1) }
    }
    return status == 0 ? kernelAddress.address : nil
  }

  /// The address that a socket is connected to, or `nil` if it is not connected. The corresponding C function is
  /// `getpeername`.
  package static func remoteAddress(of socket: FileDescriptor) -> Address? {
    var kernelAddress = KernelAddress()
    let status = try? systemCall("getpeername(\(socket.rawValue))") {
      unsafe kernelAddress.write { unsafe getpeername(socket.rawValue, $0, $1) }
    }
    return status == 0 ? kernelAddress.address : nil
  }

  /// Half-closes the connection: the peer reads end-of-stream, and receiving continues.
  ///
  /// The corresponding C function is `shutdown` with `SHUT_WR`. A closed connection is not an error. The reset on close
  /// is turned off first: from here on it would drop the queued bytes. An association of SCTP ends in both directions:
  /// what the peer has sent before it learns of the end is still received.
  ///
  /// - Returns: Whether the connection was still open.
  @discardableResult
  package func shutdownSending() throws(IOFailure) -> Bool {
    try setCloseRule(.orderly)
    if transport == .sctp {
      try attempting(.set("notification of the end")) { () throws(Errno) in
        _ = try systemCall("setsockopt(\(descriptor.rawValue), IPPROTO_SCTP, SCTP_EVENTS)") {
          csockkit_sctp_watch_end(descriptor.rawValue)
        }
      }
    }
    do {
      _ = try systemCall("shutdown(\(descriptor.rawValue), SHUT_WR)") {
        shutdown(descriptor.rawValue, Platform.shutWrite)
      }
      return true
    } catch .socketNotConnected {
      return false
    } catch {
      throw IOFailure(.send(to: "\(remote)"), error)
    }
  }

  /// Shuts both directions down, for every holder of the connection. The corresponding C function is `shutdown` with
  /// `SHUT_RDWR`; a closed connection is not an error.
  package func shutdownBoth() {
    _ = try? systemCall("shutdown(\(descriptor.rawValue), SHUT_RDWR)") {
      shutdown(descriptor.rawValue, Platform.shutBoth)
    }
  }

  /// Resets the connection, for every holder: `connect` with `AF_UNSPEC`. A connection without resets is shut down in
  /// both directions. An association of SCTP is reset once its last holder closes it.
  package func abort() {
    if transport == .sctp {
      try? setCloseRule(.abort)
      return
    }
    guard transport.isInternet else { return shutdownBoth() }
    _ = try? systemCall("connect(\(descriptor.rawValue), AF_UNSPEC)") {
      csockkit_disconnect(descriptor.rawValue)
    }
  }

  /// Puts the connection into blocking mode, for all that share it: programs expect this of their standard streams.
  package func makeBlocking() throws(IOFailure) {
    let descriptor = descriptor
    try attempting(.set("blocking mode")) { () throws(Errno) in try descriptor.setBlocking(true) }
  }

  /// Completes the handshake of a TCP Fast Open connection that is deferred until the first bytes, without sending any.
  /// Otherwise a peer that sends first and a sender with nothing to send would wait for each other.
  package func completeDeferredHandshake(until deadline: Deadline) throws(IOFailure) {
    let nothing: [UInt8] = []
    do {
      _ = try Transfer.send(to: descriptor, from: nothing.span)
    } catch .nowInProgress {
      guard try !descriptor.wait(for: .writable, until: deadline).isEmpty else {
        throw IOFailure(.connect(remote), .timedOut)
      }
      if let error = try takeError() { throw IOFailure(.connect(remote), error) }
    } catch {
      throw IOFailure(.connect(remote), error)
    }
  }

  /// The number of bytes that were sent but not yet acknowledged by the peer's system, with the half-close counting as
  /// one. For SCTP it is that of the memory which they occupy. Always 0 on a Unix socket, where sent bytes have arrived,
  /// and between virtual machines, where the peer's system has reserved room for them.
  package func unacknowledgedBytes() throws(IOFailure) -> Int {
    guard transport != .sctp else { return try SocketMemory(of: descriptor).unacknowledged }
    guard transport.isInternet else { return 0 }
    return try QueuedBytes.unsent(in: descriptor, to: "\(remote)")
  }

  /// The most bytes that one send may have: an association of SCTP takes none that are longer than its send buffer.
  package var longestSend: Int {
    guard transport.keepsSendsApart else { return .max }
    return min(16 << 10, (try? SocketOption.sendBuffer.value(on: descriptor)) ?? .max)
  }

  /// The number of bytes that have arrived and were not read yet.
  package func unreadBytes() throws(IOFailure) -> Int {
    try QueuedBytes.unread(in: descriptor, from: "\(remote)")
  }

  /// Takes the pending error, so that it is reported only once; `nil` if there is none.
  package func takeError() throws(IOFailure) -> Errno? {
    let code = try SocketOption.pendingError.value(on: descriptor)
    return code == 0 ? nil : Errno(rawValue: CInt(code))
  }

  /// Enables the detection of a vanished peer, even while bytes are in flight: the connection fails after about a
  /// minute. SCTP does so by itself; transports within a machine report it.
  package func probePeer() throws(IOFailure) {
    guard transport == .tcp else { return }
    try SocketSettings.probePeer(on: descriptor)
  }

  /// Makes a wait for readability last until this many bytes have arrived, or the stream has ended: `SO_RCVLOWAT`,
  /// which has no effect on Unix sockets.
  package func setReceiveLowWater(_ count: Int) throws(IOFailure) {
    try SocketOption.receiveLowWater.set(count, on: descriptor)
  }

  /// Determines how closing ends the connection, even if the process is killed: `SO_LINGER`.
  ///
  /// A connection is reset from its start until it has finished, so that a peer cannot mistake a cut-off stream for a
  /// complete one. An orderly end has the requested `--linger`. A transport without resets is closed in order.
  package func setCloseRule(_ rule: CloseRule) throws(IOFailure) {
    guard transport.isInternet else { return }
    try SocketSettings.setLinger(rule == .orderly ? linger : .zero, on: descriptor)
  }

  /// Sends the acknowledgement of what was read, if that was requested (`TCP_QUICKACK`). The kernel returns to delayed
  /// acknowledgements by itself, so this must follow each read.
  package func acknowledgeAtOnce() {
    guard isQuickAcknowledging else { return }
    // A connection that has ended meanwhile reports that to the next read.
    try? SocketOption.quickAcknowledgement.set(1, on: descriptor)
  }

  /// Makes closing return at once, whatever `--linger` requests; unsent bytes are still sent.
  package func stopLingering() throws(IOFailure) { try SocketSettings.stopLingering(on: descriptor) }

  /// Closes now, with the current `SO_LINGER`.
  package consuming func close() throws(IOFailure) { try owned.close() }
}
