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
  /// Without replies it is connected, which saves the kernel looking up the route of each datagram. With replies it is
  /// not: the kernel would drop those from other addresses unseen. What ICMP says is heard either way.
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
    } else if wantsReplies {
      // Without a name of its own a Unix socket cannot be answered; the kernel makes one up, as it chooses a port.
      try descriptor.bind(to: .any(of: family))
    }
    let isToGroup = address.ip?.isMulticast ?? false
    if family != .unix, !isToGroup {
      // Without it an error that comes while several datagrams are sent by one call is lost.
      let option = family == .ipv6 ? SocketOption.receiveErrors6 : .receiveErrors
      try option.set(1, on: number)
    }
    // Routers may cut it into fragments: the first one that is too long for a link on the way would be lost otherwise.
    if family == .ipv4 { try SocketOption.pathMTUDiscovery.set(Int(IP_PMTUDISC_DONT), on: number) }
    let isConnected = family == .unix || !(wantsReplies || isToGroup)
    if isConnected {
      do { try descriptor.connect(to: address) } catch {
        throw SystemError(.sendDatagram(to: address), error)
      }
    }
    return DatagramSocket(
      descriptor, family: family, remote: address, isConnected: isConnected,
      isToMany: isToGroup || settings.isBroadcastAllowed, bound: source ?? .unnamed)
  }

  private let file: UnixSocketFile?
  private let isConnected: Bool
  /// Whether what is sent may reach many, each of which replies from an address of its own.
  private let isToMany: Bool
  private let detail: DatagramDetail

  private init(
    _ descriptor: consuming Descriptor, family: AddressFamily, remote: Address?, isConnected: Bool = false,
    isToMany: Bool = false, detail: DatagramDetail = .everything, bound: Address
  ) {
    let number = descriptor.number
    self.descriptor = descriptor
    self.family = family
    self.remote = remote
    self.isConnected = isConnected
    self.isToMany = isToMany
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

  /// Receives what waits, at most `limit` datagrams, into a batch, in place of what that held. The
  /// corresponding C function is `recvmmsg`.
  ///
  /// - Returns: Whether any came; `false` means that the call would block. A datagram of no bytes is one too.
  /// - Throws: Also what was heard of a datagram that had been sent: that it was refused or found no way.
  package func receive(into batch: DatagramBatch, limit: Int = .max) throws(SystemError) -> Bool {
    do {
      return try batch.receive(from: number, boundTo: local, detail: detail, limit: limit)
    } catch  where remote != nil && Self.meansShortage(error) {
      Deadline.after(Self.shortagePause).sleep()
      return false
    } catch {
      throw SystemError(remote.map { .sendDatagram(to: $0) } ?? .receive(from: "\(local)"), error)
    }
  }

  /// Sends datagrams of a batch from the one at `first` on. The corresponding C function is `sendmmsg`.
  ///
  /// - Returns: How many were sent; 0 means that the call would block.
  package func send(_ batch: DatagramBatch, from first: Int, count: Int) throws(SystemError) -> Int {
    do {
      if let remote, !isConnected { try batch.direct(first..<first + count, to: remote) }
      return try batch.send(to: number, from: first, count: count) ?? 0
    } catch  where Self.meansShortage(error) {
      Deadline.after(Self.shortagePause).sleep()
      return 0
    } catch {
      throw SystemError(.sendDatagram(to: remote ?? batch.datagram(at: first).source), error)
    }
  }

  /// Whether the interface is behind, or memory is short for a moment; nothing tells when that has passed.
  private static func meansShortage(_ code: Errno) -> Bool { code == .noBufferSpace || code == .noMemory }

  private static let shortagePause = Duration.milliseconds(1)

  /// Whether a datagram from an address is a reply to what is sent; where that reaches many, any is.
  package func isReply(from source: Address) -> Bool {
    isToMany || family == .unix || remote?.isAnswered(from: source) ?? true
  }

  /// Takes the next of the errors that came back for datagrams that had been sent; `nil` if there is none.
  package func nextError() throws(SystemError) -> SystemError? {
    guard let remote else { return nil }
    // In the Unix domain there is no error queue, and the call would take a datagram.
    let queued = family == .unix ? 0 : takeQueuedError()
    let code = queued == 0 ? try SocketOption.pendingError.value(on: number) : Int(queued)
    return code == 0 ? nil : SystemError(.sendDatagram(to: remote), Errno(rawValue: CInt(code)))
  }

  /// Takes the next error from the error queue; 0 if there is none. The corresponding C function is `recvmsg`.
  private func takeQueuedError() -> CInt {
    let number = number.rawValue
    var queued: CInt = 0
    while queued == 0 {
      let count = try? systemCall(
        "recvmsg(\(number), MSG_ERRQUEUE|MSG_DONTWAIT)",
        note: queued == 0 ? "" : " {\(Errno(rawValue: queued))}"
      ) { unsafe csockkit_take_datagram_error(number, &queued) }
      if count == nil { break }
    }
    return queued
  }

  /// How many datagrams the kernel dropped because the receive buffer was full, since the socket was opened.
  package func droppedCount() throws(SystemError) -> Int { try SocketMemory(of: number).drops }
}
