// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
import SystemPackage

/// The socket options that the user requested; `nil` and `false` leave the system's choice.
package struct SocketSettings: Equatable, Sendable {
  /// `SO_SNDBUF` in bytes; the kernel doubles it for its own needs.
  package var sendBuffer: Int?
  /// `SO_RCVBUF` in bytes; the kernel doubles it for its own needs.
  package var receiveBuffer: Int?
  /// `TCP_NODELAY`: small writes leave at once.
  package var isNoDelay = false
  /// `SO_KEEPALIVE` with this idle time and interval, in whole seconds, at least one. A peer that has vanished is
  /// detected just as soon while bytes are in flight.
  package var keepalive: Duration?
  /// The value of `SO_LINGER` once a connection has finished, in whole seconds; zero resets the connection on close.
  package var linger: Duration?
  /// `IP_TTL` and `IPV6_UNICAST_HOPS`.
  package var timeToLive: Int?
  /// `IP_TOS` and `IPV6_TCLASS`.
  package var differentiatedServices: DifferentiatedServices?
  /// `SO_BINDTODEVICE`.
  package var interface: String?
  /// `SO_MARK`, which the rules of the system can route and filter by; requires CAP_NET_ADMIN.
  package var mark: UInt32?
  /// `TCP_MAXSEG`: the largest segment in bytes, 88 to 32767; the options of TCP take some of them.
  package var maximumSegment: Int?
  /// `TCP_CORK`: only whole segments leave, until the half-close; Linux sends a rest after 200 ms at the latest.
  package var isCorked = false
  /// `TCP_QUICKACK`, which is set again whenever bytes were read, because the kernel resets it.
  package var isQuickAcknowledging = false
  /// `IP_MINTTL` and `IPV6_MINHOPCOUNT`: packets that arrive with a smaller time to live are dropped; 0 to 255.
  package var minimumTimeToLive: Int?
  /// `SO_DEBUG`; requires CAP_NET_ADMIN.
  package var isDebugging = false
  /// The key of `TCP_MD5SIG_EXT`, for all peers.
  package var signatureKey: SignatureKey?
  /// `SO_BROADCAST`: whether a socket for datagrams may send to a broadcast address.
  package var isBroadcastAllowed = false
  /// Other options, in the order in which they are set, after all others.
  package var requested: [RequestedOption] = []
  /// `TCP_CONGESTION`.
  package var congestion: String?
  /// TCP Fast Open (RFC 7413), as client or server.
  package var isFastOpen = false
  /// The protocol of a stream over IP.
  package var streamProtocol = StreamProtocol.tcp
  /// `SO_REUSEPORT` on a listener.
  package var isPortReused = false
  /// `SO_REUSEADDR` on a listener: whether it may bind a port whose earlier connections are in TIME_WAIT.
  package var isAddressReused = true
  /// Whether a binder opens listeners of IPv6 only, which take no IPv4 (`IPV6_V6ONLY`).
  package var isIPv6Only = false
  /// Who may connect to the file of a listener on a Unix socket.
  package var socketFile = SocketFileAttributes()
  /// `TCP_DEFER_ACCEPT` on a listener: for how long a connection may wait for its first bytes before it is accepted, in
  /// whole seconds.
  package var deferredAcceptance: Duration?

  /// The type of a socket.
  package enum Kind: Equatable, Sendable {
    /// `SOCK_STREAM`.
    case stream
    /// `SOCK_SEQPACKET`, on a Unix socket.
    case sequenced
    /// `SOCK_DGRAM`, connected to one peer.
    case datagram
  }

  /// The type of the socket.
  package var kind = Kind.stream
  /// Whether the socket keeps messages apart on a connection.
  package var isSequenced: Bool { kind == .sequenced }
  /// Whether the calls of a socket block.
  package var isBlocking = false

  /// Creates settings that leave everything to the system.
  package init() {}

  /// Whether setting the options requires CAP_NET_ADMIN.
  package var needsAdministrator: Bool { mark != nil || isDebugging || signatureKey != nil }

  /// The type argument of `socket(2)`.
  var type: CInt {
    switch kind {
    case .stream: Platform.streamSocket
    case .sequenced: Platform.sequencedPacketSocket
    case .datagram: Platform.datagramSocket
    }
  }

  /// The protocol argument of `socket(2)`.
  func networkProtocol(for family: AddressFamily) -> CInt {
    kind == .stream && family.isInternet ? streamProtocol.number : 0
  }

  /// The settings for a socket that was opened by another process.
  func adapted(to transport: StreamTransport) -> SocketSettings {
    guard transport == .sctp else { return self }
    var settings = self
    settings.streamProtocol = .sctp
    return settings
  }

  /// What carries the stream of a socket of a family.
  func transport(for family: AddressFamily) -> StreamTransport {
    switch family {
    case .unix: .unix
    case .vsock: .vsock
    case .ipv4, .ipv6: kind == .datagram ? .udp : streamProtocol == .sctp ? .sctp : .tcp
    }
  }

  /// Sets the requested options on a new socket, before it is bound or connected: the window scale depends on the
  /// receive buffer, and accepted sockets inherit the options of the listening socket.
  func apply(to socket: FileDescriptor, family: AddressFamily) throws(IOFailure) {
    if let sendBuffer { try SocketOption.sendBuffer.set(sendBuffer, on: socket) }
    if let receiveBuffer { try SocketOption.receiveBuffer.set(receiveBuffer, on: socket) }
    guard family.isInternet else {
      for option in requested where option.isOfSocket { try option.set(on: socket) }
      return
    }
    // Lets routers fragment datagrams, as for `DatagramSocket.sending`.
    if kind == .datagram, family == .ipv4 {
      try SocketOption.pathMTUDiscovery.set(Int(IP_PMTUDISC_DONT), on: socket)
    }
    if let interface { try SocketNameOption.interface.set(interface, on: socket) }
    if isNoDelay {
      let option = transport(for: family) == .sctp ? SocketOption.associationNoDelay : .noDelay
      try option.set(1, on: socket)
    }
    if let keepalive {
      try Self.setKeepalive(keepalive, on: socket)
      if !Self.limitRetransmission(to: keepalive, on: socket) {
        try Self.setUserTimeout(keepalive, on: socket)
      }
    }
    if let congestion { try Self.setCongestion(congestion, on: socket) }
    if let timeToLive {
      // A dual-stack socket carries IPv4 too, which has an option of its own.
      try SocketOption.timeToLive.set(timeToLive, on: socket)
      if family == .ipv6 { try SocketOption.hopLimit.set(timeToLive, on: socket) }
    }
    if let field = differentiatedServices?.fieldValue {
      try SocketOption.typeOfService.set(field, on: socket)
      if family == .ipv6 { try SocketOption.trafficClass.set(field, on: socket) }
    }
    try applyRareOptions(to: socket, family: family)
  }

  private func applyRareOptions(to socket: FileDescriptor, family: AddressFamily) throws(IOFailure) {
    if let mark {
      try Self.requiringPrivilege("--mark to \(mark)") { () throws(IOFailure) in
        try SocketOption.mark.set(unsigned: mark, on: socket)
      }
    }
    if isDebugging {
      try Self.requiringPrivilege("--debug-socket") { () throws(IOFailure) in
        try SocketOption.debugging.set(1, on: socket)
      }
    }
    if let maximumSegment { try SocketOption.maximumSegment.set(maximumSegment, on: socket) }
    if isCorked { try SocketOption.cork.set(1, on: socket) }
    if isQuickAcknowledging { try SocketOption.quickAcknowledgement.set(1, on: socket) }
    if let minimumTimeToLive {
      try SocketOption.minimumTimeToLive.set(minimumTimeToLive, on: socket)
      if family == .ipv6 { try SocketOption.minimumHopLimit.set(minimumTimeToLive, on: socket) }
    }
    if isBroadcastAllowed { try SocketOption.broadcast.set(1, on: socket) }
    try signatureKey?.set(on: socket, family: family)
    for option in requested { try option.set(on: socket) }
  }

  /// Sets the options that only a listening socket has.
  func applyForListening(to socket: FileDescriptor, family: AddressFamily) throws(IOFailure) {
    guard family.isInternet, let deferredAcceptance else { return }
    let seconds = max(1, Int(deferredAcceptance.seconds.rounded(.up)))
    try SocketOption.deferredAcceptance.set(seconds, on: socket)
  }

  /// Names the capability in the error of an option that requires one.
  private static func requiringPrivilege(
    _ option: String, _ body: () throws(IOFailure) -> Void
  ) throws(IOFailure) {
    do throws(IOFailure) { try body() } catch {
      guard error.code == .notPermitted || error.code == .permissionDenied else { throw error }
      throw IOFailure(.set("\(option) (it requires CAP_NET_ADMIN)"), error.code)
    }
  }

  /// Makes the kernel detect a vanished peer within about a minute, where nothing else would report it: by probes every
  /// five seconds while the connection is silent, and by retransmissions at the same interval while bytes are in
  /// flight.
  static func probePeer(on socket: FileDescriptor) throws(IOFailure) {
    // Probes that were requested, and that are at least as frequent, are left as they are.
    if try SocketOption.keepalive.value(on: socket) != 0,
      try SocketOption.keepaliveIdle.value(on: socket) <= Int(peerProbing.seconds)
    {
      return
    }
    try setKeepalive(peerProbing, on: socket)
    // Without this option, no user time-out is set: it would end a connection whose peer is merely slow.
    _ = limitRetransmission(to: peerProbing, on: socket)
  }

  private static let peerProbing = Duration.seconds(5)

  /// Limits the time between retransmissions to an interval. The kernel gives up after a fixed number of them
  /// (tcp_retries2) and sends no probes while bytes are in flight. With the limit it detects a lost peer about as soon
  /// as probes would; without it, only after a quarter of an hour.
  ///
  /// - Returns: Whether the kernel supports the limit; kernels before Linux 6.15 do not.
  private static func limitRetransmission(to interval: Duration, on socket: FileDescriptor) -> Bool {
    let milliseconds = Int((interval.seconds * 1000).rounded(.up))
    let limit = min(max(milliseconds, shortestRetransmission), longestRetransmission)
    do {
      try SocketOption.retransmissionLimit.set(limit, on: socket)
      return true
    } catch {
      return false
    }
  }

  /// The range that the kernel accepts, in milliseconds.
  private static let (shortestRetransmission, longestRetransmission) = (1000, 120_000)

  /// Makes the connection fail if bytes in flight are not acknowledged within the time that all probes take. The
  /// connection also fails if a live peer reads nothing for that long, so this is not the first choice.
  private static func setUserTimeout(_ interval: Duration, on socket: FileDescriptor) throws(IOFailure) {
    let probes = try SocketOption.keepaliveCount.value(on: socket)
    let seconds = max(1, Int(interval.seconds.rounded(.up)))
    try SocketOption.userTimeout.set(seconds * (1 + probes) * 1000, on: socket)
  }

  /// Turns keep-alive probes on: the first after `interval` of silence, then one each `interval`.
  private static func setKeepalive(_ interval: Duration, on socket: FileDescriptor) throws(IOFailure) {
    let seconds = max(1, Int(interval.seconds.rounded(.up)))
    try SocketOption.keepalive.set(1, on: socket)
    try SocketOption.keepaliveIdle.set(seconds, on: socket)
    try SocketOption.keepaliveInterval.set(seconds, on: socket)
  }

  private static func setCongestion(_ name: String, on socket: FileDescriptor) throws(IOFailure) {
    do {
      try SocketNameOption.congestion.set(name, on: socket)
    } catch {
      guard error.code == .noSuchFileOrDirectory else { throw error }
      let names = SystemInventory.congestionControls.joined(separator: ", ")
      throw IOFailure(.set("--congestion to \(name) (available: \(names))"), error.code)
    }
  }

  /// Makes `close` wait up to this long for unsent bytes; zero resets the connection, and `nil` closes it in order in
  /// the background.
  static func setLinger(_ time: LingerTime?, on socket: FileDescriptor) throws(IOFailure) {
    let seconds = time?.seconds ?? 0
    var value = Glibc.linger(l_onoff: time == nil ? 0 : 1, l_linger: seconds)
    _ = try attempting(.set("linger to \(seconds) s")) { () throws(Errno) in
      try systemCall(
        "setsockopt(\(socket.rawValue), SOL_SOCKET, SO_LINGER, {\(value.l_onoff), \(seconds)})"
      ) {
        unsafe setsockopt(
          socket.rawValue, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
      }
    }
  }
}

extension SocketSettings {
  /// Makes `close` return at once where it would wait for unsent bytes, which are still sent in the background; a socket
  /// whose closing resets the connection is unchanged.
  static func stopLingering(on socket: FileDescriptor) throws(IOFailure) {
    var value = Glibc.linger()
    var length = socklen_t(MemoryLayout<linger>.size)
    _ = try attempting(.set("linger")) { () throws(Errno) in
      try systemCall("getsockopt(\(socket.rawValue), SOL_SOCKET, SO_LINGER)") {
        unsafe getsockopt(socket.rawValue, SOL_SOCKET, SO_LINGER, &value, &length)
      }
    }
    if value.l_onoff != 0, value.l_linger > 0 { try setLinger(nil, on: socket) }
  }
}

/// The time for which `close` waits for unsent bytes (`SO_LINGER`), in the four bytes that the kernel takes: each
/// connection has one.
struct LingerTime: Sendable {
  /// Whole seconds, rounded up.
  let seconds: CInt

  /// Rounds a duration up to seconds.
  init(_ duration: Duration) { seconds = CInt(clamping: Int(duration.seconds.rounded(.up))) }

  /// No time: closing resets the connection.
  static let zero = LingerTime(.zero)
}
