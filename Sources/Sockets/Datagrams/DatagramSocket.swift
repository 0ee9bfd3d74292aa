// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// A socket that sends and receives datagrams, UDP (RFC 768) or Unix. It never blocks, and removes the socket file that
/// it bound when it is destroyed.
package struct DatagramSocket: ~Copyable {
  private let owned: Descriptor
  /// The family of the socket; an IPv6 socket may carry IPv4.
  package let family: AddressFamily
  /// The peer that all datagrams are sent to; `nil` on a socket that receives from any peer.
  package let remote: Address?
  /// The bound address, with the port that the kernel chose.
  package let local: Address

  /// Binds an address, to receive from any peer.
  ///
  /// - Parameters:
  ///   - isDualStack: Whether an IPv6 socket receives IPv4 datagrams too.
  ///   - detail: The details that are reported of each datagram.
  package static func bound(
    to address: Address, isDualStack: Bool = false, detail: DatagramDetail = .everything,
    settings: DatagramSettings = DatagramSettings()
  ) throws(IOFailure) -> DatagramSocket {
    let family = address.family
    let descriptor = try Descriptor.socket(family, type: Platform.datagramSocket)
    let number = descriptor.number
    if family == .unix { try UnixSocketFile.removeStale(at: address) }
    // Every receiver of a group gets a copy, so several may share the port; any other datagram is delivered to one of
    // them only.
    if !settings.memberships.isEmpty, settings.isAddressReused {
      try SocketOption.reuseAddress.set(1, on: number)
    }
    if settings.isPortReused { try SocketOption.reusePort.set(1, on: number) }
    if family == .ipv6 { try SocketOption.ipv6Only.set(isDualStack ? 0 : 1, on: number) }
    try settings.applyForReceiving(to: number, family: family, detail: detail)
    try settings.socketFile.bind(descriptor, to: address)
    let socket = DatagramSocket(
      descriptor, family: family, remote: nil, isPeeking: settings.isPeeking, detail: detail, bound: address)
    if case .unix(let path) = address { try settings.socketFile.giveAway(path) }
    try settings.join(on: number, family: family)
    return socket
  }

  /// Opens a socket to send to one address.
  ///
  /// Without replies the socket is connected, which saves a route look-up for each datagram. With replies it is not,
  /// unless only those of the peer count: the kernel would drop those from other addresses. ICMP errors are reported in
  /// both cases.
  ///
  /// - Parameters:
  ///   - source: The address and port to send from; by default the kernel chooses.
  ///   - wantsReplies: Whether replies are received, with their details.
  ///   - dropsForeign: Whether the kernel drops what comes from another address.
  package static func sending(
    to address: Address, from source: Address? = nil, wantsReplies: Bool = false, dropsForeign: Bool = false,
    settings: DatagramSettings = DatagramSettings()
  ) throws(IOFailure) -> DatagramSocket {
    let family = address.family
    let descriptor = try Descriptor.socket(family, type: Platform.datagramSocket)
    let number = descriptor.number
    try settings.applyForSending(to: number, family: family)
    if wantsReplies { try settings.applyForReceiving(to: number, family: family, detail: .everything) }
    if let source {
      try descriptor.bind(to: source)
    } else if wantsReplies {
      // A Unix socket without a name cannot receive replies; the kernel assigns a name, like a free port.
      try descriptor.bind(to: .any(of: family))
    }
    let isToGroup = address.ip?.isMulticast ?? false
    if family.isInternet, !isToGroup {
      // Without this option, an error that arrives while one call sends several datagrams is lost.
      let option = family == .ipv6 ? SocketOption.receiveErrors6 : .receiveErrors
      try option.set(1, on: number)
    }
    // Lets routers fragment datagrams: otherwise the first one that exceeds the MTU of a link on the path would be
    // lost.
    if family == .ipv4 { try SocketOption.pathMTUDiscovery.set(Int(IP_PMTUDISC_DONT), on: number) }
    let isConnected = family == .unix || dropsForeign || !(wantsReplies || isToGroup)
    if isConnected {
      do { try descriptor.connect(to: address) } catch {
        throw IOFailure(.sendDatagram(to: address), error)
      }
    }
    return DatagramSocket(
      descriptor, family: family, remote: address, isConnected: isConnected,
      isToMany: isToGroup || settings.isBroadcastAllowed, bound: source ?? .unnamed)
  }

  private let file: UnixSocketFile?
  private let isConnected: Bool
  /// Whether datagrams may reach several receivers, each of which replies from its own address.
  private let isToMany: Bool
  /// Whether datagrams stay in the queue, so that each call returns the same one.
  private let isPeeking: Bool
  private let detail: DatagramDetail

  private init(
    _ descriptor: consuming Descriptor, family: AddressFamily, remote: Address?, isConnected: Bool = false,
    isToMany: Bool = false, isPeeking: Bool = false, detail: DatagramDetail = .everything, bound: Address,
    isOwner: Bool = true
  ) {
    let number = descriptor.number
    owned = descriptor
    self.family = family
    self.remote = remote
    self.isConnected = isConnected
    self.isToMany = isToMany
    self.isPeeking = isPeeking
    self.detail = detail
    local = StreamSocket.localAddress(of: number) ?? bound
    file = isOwner ? UnixSocketFile(boundTo: local) : nil
  }

  /// Takes ownership of a bound socket that another process has opened. The file of a Unix socket is left to that
  /// process.
  ///
  /// - Parameters:
  ///   - detail: The details that are reported of each datagram.
  ///   - settings: The options to set; those that must be set before a socket is bound have no effect.
  /// - Throws: `ENOTSUP` for a family other than IPv4, IPv6 and Unix, `EINVAL` if it has no port, or the error of an
  ///   option.
  package init(
    adopting inherited: consuming Descriptor, detail: DatagramDetail, settings: DatagramSettings
  ) throws(IOFailure) {
    let number = inherited.number
    let name = "receiver from descriptor \(number.rawValue)"
    guard let local = StreamSocket.localAddress(of: number) else {
      throw IOFailure(.create(name), .notSupported)
    }
    guard local.port != 0 else { throw IOFailure(.create(name), .invalidArgument) }
    try attempting(.set("blocking mode")) { () throws(Errno) in
      try number.setBlocking(false)
      try number.setCloseOnExec()
    }
    try settings.applyForReceiving(to: number, family: local.family, detail: detail)
    try settings.join(on: number, family: local.family)
    self.init(
      inherited, family: local.family, remote: nil, isPeeking: settings.isPeeking, detail: detail,
      bound: local, isOwner: false)
  }

  deinit {
    // Before the descriptor is closed, which happens after this.
    file?.remove()
  }

  /// The descriptor to wait on; it must not outlive the socket.
  package var descriptor: FileDescriptor { owned.number }

  /// Receives the datagrams that are available, at most `limit`, into a batch, replacing its contents. The
  /// corresponding C function is `recvmmsg`.
  ///
  /// - Returns: Whether any were received; `false` means that the call would block. An empty datagram counts too.
  /// - Throws: Also the error of a datagram sent earlier: that it was refused or could not be delivered.
  package func receive(into batch: DatagramBatch, limit: Int = .max) throws(IOFailure) -> Bool {
    do {
      return try batch.receive(
        from: descriptor, boundTo: local, detail: detail, limit: isPeeking ? 1 : limit, isPeeking: isPeeking)
    } catch  where remote != nil && Self.meansShortage(error) {
      Deadline.after(Self.shortagePause).sleep()
      return false
    } catch {
      throw IOFailure(remote.map { .sendDatagram(to: $0) } ?? .receive(from: "\(local)"), error)
    }
  }

  /// Sends datagrams of a batch, starting with the one at index `first`.
  ///
  /// - Returns: The number of datagrams sent; 0 means that the call would block.
  package func send(_ batch: DatagramBatch, from first: Int, count: Int) throws(IOFailure) -> Int {
    do {
      if let remote, !isConnected { try batch.direct(first..<first + count, to: remote) }
      return try batch.send(to: descriptor, from: first, count: count) ?? 0
    } catch  where Self.meansShortage(error) {
      Deadline.after(Self.shortagePause).sleep()
      return 0
    } catch {
      throw IOFailure(.sendDatagram(to: remote ?? batch.datagram(at: first).source), error)
    }
  }

  /// Whether the interface queue is full, or memory is short for a moment; nothing reports when that has passed.
  private static func meansShortage(_ code: Errno) -> Bool { code == .noBufferSpace || code == .noMemory }

  private static let shortagePause = Duration.milliseconds(1)

  /// Whether a datagram from an address is a reply to what is sent; if that may reach several receivers, every datagram
  /// is.
  package func isReply(from source: Address) -> Bool {
    isToMany || family == .unix || remote?.isAnswered(from: source) ?? true
  }

  /// Takes the next error reported for a datagram sent earlier; `nil` if there is none.
  package func nextError() throws(IOFailure) -> IOFailure? {
    guard let remote else { return nil }
    // The Unix domain has no error queue, and the call would receive a datagram.
    let queued = family == .unix ? 0 : takeQueuedError()
    let code = queued == 0 ? try SocketOption.pendingError.value(on: descriptor) : Int(queued)
    return code == 0 ? nil : IOFailure(.sendDatagram(to: remote), Errno(rawValue: CInt(code)))
  }

  /// Takes the next error from the error queue; 0 if there is none. The corresponding C function is `recvmsg`.
  private func takeQueuedError() -> CInt {
    let number = descriptor.rawValue
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

  /// Connects the socket to the sender of the next datagram, which stays in the queue; datagrams of senders that are not
  /// accepted are discarded. The corresponding C function is `connect`. A sender without a name, which only the Unix
  /// domain has, cannot be answered: then the socket stays unconnected, and receives from every sender.
  ///
  /// - Parameter admits: Whether a sender is accepted.
  /// - Returns: The connected socket by another descriptor; `nil` if no datagram of such a sender has arrived.
  package func connectToSender(_ admits: (Address) -> Bool) throws(IOFailure) -> StreamSocket? {
    var nothing: [UInt8] = [0]
    let operation = Operation.receive(from: "\(local)")
    do throws(Errno) {
      while let (_, source) = try Self.nextSource(at: descriptor, &nothing, isPeeking: true) {
        let sender = source ?? .unnamed
        guard admits(sender) else {
          _ = try? Self.nextSource(at: descriptor, &nothing, isPeeking: false)
          continue
        }
        let copy = try Descriptor.duplicate(of: descriptor)
        do throws(Errno) { if sender != .unnamed { try copy.connect(to: sender) } } catch {
          // A sender that is gone cannot be answered, but what it has sent is still to be received.
          guard family == .unix, [.connectionRefused, .noSuchFileOrDirectory].contains(error) else {
            throw error
          }
        }
        return StreamSocket(
          copy, over: family.isInternet ? .udp : .unix, family: family, remote: sender)
      }
      return nil
    } catch {
      throw IOFailure(operation, error)
    }
  }

  private static func nextSource(
    at socket: FileDescriptor, _ bytes: inout [UInt8], isPeeking: Bool
  ) throws(Errno) -> (count: Int, source: Address?)? {
    var space = bytes.mutableSpan
    return try Transfer.receiveDatagram(from: socket, into: &space, isPeeking: isPeeking)
  }

  /// The number of datagrams that the kernel dropped because the receive buffer was full, since the socket was opened.
  package func droppedCount() throws(IOFailure) -> Int { try SocketMemory(of: descriptor).drops }
}
