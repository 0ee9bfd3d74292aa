// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// A socket that sends and receives datagrams, UDP (RFC 768) or Unix; it never blocks, and removes the socket
/// file that it bound when it goes away.
package struct DatagramSocket: ~Copyable {
  private let descriptor: Descriptor
  /// The family of the socket; an IPv6 one may carry IPv4.
  package let family: AddressFamily
  /// The peer that everything is sent to; `nil` on a socket that receives from anybody.
  package let remote: Address?
  /// The address that is bound, with the port the kernel chose.
  package let local: Address

  /// Binds an address, to receive from anybody.
  ///
  /// - Parameters:
  ///   - isDualStack: Whether an IPv6 socket takes IPv4 datagrams too.
  ///   - detail: What is to be known of each datagram.
  package static func bound(
    to address: Address, isDualStack: Bool = false, detail: DatagramDetail = .everything,
    settings: DatagramSettings = DatagramSettings()
  ) throws(SystemError) -> DatagramSocket {
    let family = address.family
    let descriptor = try Descriptor.socket(family, type: Platform.datagramSocket)
    let number = descriptor.number
    if family == .unix { try UnixSocketFile.removeStale(at: address) }
    // Of a group every receiver gets a copy, so that several may share the port; of anything else one would
    // take away what is meant for another.
    if !settings.memberships.isEmpty { try SocketOption.reuseAddress.set(1, on: number) }
    if settings.isPortReused { try SocketOption.reusePort.set(1, on: number) }
    if family == .ipv6 { try SocketOption.ipv6Only.set(isDualStack ? 0 : 1, on: number) }
    try settings.applyForReceiving(to: number, family: family, detail: detail)
    try descriptor.bind(to: address)
    let socket = DatagramSocket(descriptor, family: family, remote: nil, detail: detail, bound: address)
    try settings.join(on: number, family: family)
    return socket
  }

  /// Opens a socket to send to one address.
  ///
  /// It is connected to it, so that refusals are heard of and nobody else is; but the answers to a group or to
  /// a broadcast come from elsewhere.
  ///
  /// - Parameters:
  ///   - source: The address and port to send from; the kernel chooses without one.
  ///   - wantsReplies: Whether replies are to be received, with their details.
  package static func sending(
    to address: Address, from source: Address? = nil, wantsReplies: Bool = false,
    settings: DatagramSettings = DatagramSettings()
  ) throws(SystemError) -> DatagramSocket {
    let family = address.family
    let descriptor = try Descriptor.socket(family, type: Platform.datagramSocket)
    let number = descriptor.number
    try settings.applyForSending(to: number, family: family)
    if wantsReplies { try settings.applyForReceiving(to: number, family: family, detail: .everything) }
    if let source {
      try descriptor.bind(to: source)
    } else if wantsReplies, family == .unix {
      // Without a name of its own a Unix socket cannot be answered; the kernel makes one up.
      try descriptor.bind(to: .unnamed)
    }
    let isConnected = try connect(descriptor, to: address, settings)
    return DatagramSocket(
      descriptor, family: family, remote: address, isConnected: isConnected, bound: source ?? .unnamed)
  }

  /// - Returns: Whether the socket is connected; it is not to a group, nor to a broadcast address that is allowed.
  private static func connect(
    _ descriptor: borrowing Descriptor, to address: Address, _ settings: DatagramSettings
  ) throws(SystemError) -> Bool {
    if case .internet(let ip, _) = address {
      if ip.isMulticast { return false }
      // Without it an error that comes while several datagrams are sent by one call is lost.
      let option = ip.family == .ipv6 ? SocketOption.receiveErrors6 : .receiveErrors
      try option.set(1, on: descriptor.number)
    }
    do {
      try descriptor.connect(to: address)
      return true
    } catch {
      // Only the kernel knows which addresses are broadcast ones, and this is how it says so.
      guard error == .permissionDenied, settings.isBroadcastAllowed else {
        throw SystemError(.sendDatagram(to: address), error)
      }
      try SocketOption.broadcast.set(1, on: descriptor.number)
      return false
    }
  }

  private let file: UnixSocketFile?
  private let isConnected: Bool
  private let detail: DatagramDetail

  private init(
    _ descriptor: consuming Descriptor, family: AddressFamily, remote: Address?, isConnected: Bool = false,
    detail: DatagramDetail = .everything, bound: Address
  ) {
    let number = descriptor.number
    self.descriptor = descriptor
    self.family = family
    self.remote = remote
    self.isConnected = isConnected
    self.detail = detail
    local = StreamSocket.localAddress(of: number) ?? bound
    file = UnixSocketFile(boundTo: local)
  }

  deinit {
    // Before the descriptor is closed, which happens behind this.
    file?.remove()
  }

  /// The descriptor to wait on; it must not outlive the socket.
  package var number: FileDescriptor { descriptor.number }

  /// Where datagrams that are sent have to say they go: nowhere on a connected socket.
  package var destination: Address? { isConnected ? nil : remote }

  /// Receives what waits, at most `limit` datagrams, into a batch, in place of what that held. The
  /// corresponding C function is `recvmmsg`.
  ///
  /// - Returns: Whether any came; `false` means that the call would block. A datagram of no bytes is one too.
  /// - Throws: Also what was heard of a datagram that had been sent: that it was refused or found no way.
  package func receive(into batch: DatagramBatch, limit: Int = .max) throws(SystemError) -> Bool {
    do { return try batch.receive(from: number, boundTo: local, detail: detail, limit: limit) } catch {
      throw SystemError(remote.map { .sendDatagram(to: $0) } ?? .receive(from: "\(local)"), error)
    }
  }

  /// Sends datagrams of a batch from the one at `first` on. The corresponding C function is `sendmmsg`.
  ///
  /// - Returns: How many were sent; 0 means that the call would block.
  package func send(_ batch: DatagramBatch, from first: Int, count: Int) throws(SystemError) -> Int {
    do { return try batch.send(to: number, from: first, count: count) ?? 0 } catch .noBufferSpace {
      // The interface is behind, and nothing tells when it has caught up.
      Deadline.after(.milliseconds(1)).sleep()
      return 0
    } catch {
      throw SystemError(.sendDatagram(to: remote ?? batch.datagram(at: first).source), error)
    }
  }

  /// Throws what was heard of datagrams that had been sent, if anything was.
  package func throwPendingError() throws(SystemError) {
    guard let remote else { return }
    let queued = takeQueuedError()
    let code = queued == 0 ? try SocketOption.pendingError.value(on: number) : Int(queued)
    if code != 0 { throw SystemError(.sendDatagram(to: remote), Errno(rawValue: CInt(code))) }
  }

  /// Takes the next error from the error queue; 0 if there is none. The corresponding C function is `recvmsg`.
  private func takeQueuedError() -> CInt {
    var queued: CInt = 0
    let number = number.rawValue
    _ = try? systemCall(
      "recvmsg(\(number), MSG_ERRQUEUE|MSG_DONTWAIT)",
      note: queued == 0 ? "" : " {\(Errno(rawValue: queued))}"
    ) { unsafe csockkit_take_datagram_error(number, &queued) }
    return queued
  }

  /// How many datagrams the kernel dropped because the receive buffer was full, since the socket was opened.
  package func droppedCount() throws(SystemError) -> Int { try SocketMemory(of: number).drops }
}
