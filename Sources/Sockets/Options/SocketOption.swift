// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// A socket option whose value is a number: its C constants and its display name.
package struct SocketOption: Sendable {
  let level: CInt
  let number: CInt
  /// The C constants, for the trace: `SOL_SOCKET, SO_SNDBUF`.
  let constants: String
  /// The option in words, such as `send buffer`.
  package let name: String

  private init(_ level: CInt, _ number: CInt, _ constants: String, _ name: String) {
    self.level = level
    self.number = number
    self.constants = constants
    self.name = name
  }

  package static let reuseAddress = SocketOption(
    SOL_SOCKET, SO_REUSEADDR, "SOL_SOCKET, SO_REUSEADDR", "address reuse")
  package static let reusePort = SocketOption(
    SOL_SOCKET, SO_REUSEPORT, "SOL_SOCKET, SO_REUSEPORT", "port reuse")
  package static let ipv6Only = SocketOption(
    Platform.ipv6, IPV6_V6ONLY, "IPPROTO_IPV6, IPV6_V6ONLY", "IPv6 only")
  package static let sendBuffer = SocketOption(SOL_SOCKET, SO_SNDBUF, "SOL_SOCKET, SO_SNDBUF", "send buffer")
  package static let receiveBuffer = SocketOption(
    SOL_SOCKET, SO_RCVBUF, "SOL_SOCKET, SO_RCVBUF", "receive buffer")
  package static let receiveLowWater = SocketOption(
    SOL_SOCKET, SO_RCVLOWAT, "SOL_SOCKET, SO_RCVLOWAT", "receive low-water mark")
  package static let domain = SocketOption(
    SOL_SOCKET, SO_DOMAIN, "SOL_SOCKET, SO_DOMAIN", "address family")
  package static let type = SocketOption(SOL_SOCKET, SO_TYPE, "SOL_SOCKET, SO_TYPE", "socket type")
  static let `protocol` = SocketOption(SOL_SOCKET, SO_PROTOCOL, "SOL_SOCKET, SO_PROTOCOL", "protocol")
  package static let acceptsConnections = SocketOption(
    SOL_SOCKET, SO_ACCEPTCONN, "SOL_SOCKET, SO_ACCEPTCONN", "listening state")
  package static let pendingError = SocketOption(
    SOL_SOCKET, SO_ERROR, "SOL_SOCKET, SO_ERROR", "pending error")
  package static let noDelay = SocketOption(Platform.tcp, TCP_NODELAY, "IPPROTO_TCP, TCP_NODELAY", "no delay")
  package static let associationNoDelay = SocketOption(
    csockkit_sctp_level, csockkit_sctp_no_delay, "IPPROTO_SCTP, SCTP_NODELAY", "no delay")
  package static let keepalive = SocketOption(
    SOL_SOCKET, SO_KEEPALIVE, "SOL_SOCKET, SO_KEEPALIVE", "keepalive")
  package static let keepaliveIdle = SocketOption(
    Platform.tcp, TCP_KEEPIDLE, "IPPROTO_TCP, TCP_KEEPIDLE", "keepalive idle time")
  package static let keepaliveInterval = SocketOption(
    Platform.tcp, TCP_KEEPINTVL, "IPPROTO_TCP, TCP_KEEPINTVL", "keepalive interval")
  package static let keepaliveCount = SocketOption(
    Platform.tcp, TCP_KEEPCNT, "IPPROTO_TCP, TCP_KEEPCNT", "keepalive count")
  package static let userTimeout = SocketOption(
    Platform.tcp, TCP_USER_TIMEOUT, "IPPROTO_TCP, TCP_USER_TIMEOUT", "user time-out")
  /// Linux 6.15 and later; the number is that of linux/tcp.h, which older systems lack.
  package static let retransmissionLimit = SocketOption(
    Platform.tcp, 44, "IPPROTO_TCP, TCP_RTO_MAX_MS", "longest time between retransmissions")
  package static let pathMTUDiscovery = SocketOption(
    Platform.ip, IP_MTU_DISCOVER, "IPPROTO_IP, IP_MTU_DISCOVER", "path MTU discovery")
  package static let timeToLive = SocketOption(Platform.ip, IP_TTL, "IPPROTO_IP, IP_TTL", "TTL")
  package static let hopLimit = SocketOption(
    Platform.ipv6, IPV6_UNICAST_HOPS, "IPPROTO_IPV6, IPV6_UNICAST_HOPS", "hop limit")
  package static let typeOfService = SocketOption(
    Platform.ip, IP_TOS, "IPPROTO_IP, IP_TOS", "type of service")
  package static let trafficClass = SocketOption(
    Platform.ipv6, IPV6_TCLASS, "IPPROTO_IPV6, IPV6_TCLASS", "traffic class")
  package static let fastOpenConnect = SocketOption(
    Platform.tcp, TCP_FASTOPEN_CONNECT, "IPPROTO_TCP, TCP_FASTOPEN_CONNECT", "TCP Fast Open")
  package static let fastOpenQueue = SocketOption(
    Platform.tcp, TCP_FASTOPEN, "IPPROTO_TCP, TCP_FASTOPEN", "TCP Fast Open queue")
  /// Requires CAP_NET_ADMIN or CAP_NET_RAW.
  package static let mark = SocketOption(SOL_SOCKET, SO_MARK, "SOL_SOCKET, SO_MARK", "mark")
  /// Requires CAP_NET_ADMIN.
  package static let debugging = SocketOption(SOL_SOCKET, SO_DEBUG, "SOL_SOCKET, SO_DEBUG", "debugging")
  package static let maximumSegment = SocketOption(
    Platform.tcp, TCP_MAXSEG, "IPPROTO_TCP, TCP_MAXSEG", "maximum segment size")
  package static let cork = SocketOption(Platform.tcp, TCP_CORK, "IPPROTO_TCP, TCP_CORK", "cork")
  package static let quickAcknowledgement = SocketOption(
    Platform.tcp, TCP_QUICKACK, "IPPROTO_TCP, TCP_QUICKACK", "quick acknowledgement")
  package static let deferredAcceptance = SocketOption(
    Platform.tcp, TCP_DEFER_ACCEPT, "IPPROTO_TCP, TCP_DEFER_ACCEPT", "deferred acceptance")
  package static let minimumTimeToLive = SocketOption(
    Platform.ip, IP_MINTTL, "IPPROTO_IP, IP_MINTTL", "minimum TTL")
  package static let minimumHopLimit = SocketOption(
    Platform.ipv6, IPV6_MINHOPCOUNT, "IPPROTO_IPV6, IPV6_MINHOPCOUNT", "minimum hop limit")
  package static let broadcast = SocketOption(
    SOL_SOCKET, SO_BROADCAST, "SOL_SOCKET, SO_BROADCAST", "broadcast")
  package static let receiveTime = SocketOption(
    SOL_SOCKET, SO_TIMESTAMPNS, "SOL_SOCKET, SO_TIMESTAMPNS", "receive time")
  /// Requires CAP_NET_ADMIN and ignores the system's limit.
  package static let forcedReceiveBuffer = SocketOption(
    SOL_SOCKET, SO_RCVBUFFORCE, "SOL_SOCKET, SO_RCVBUFFORCE", "receive buffer")
  package static let packetInformation = SocketOption(
    Platform.ip, IP_PKTINFO, "IPPROTO_IP, IP_PKTINFO", "packet information")
  package static let packetInformation6 = SocketOption(
    Platform.ipv6, IPV6_RECVPKTINFO, "IPPROTO_IPV6, IPV6_RECVPKTINFO", "packet information")
  /// Queues every error that is reported for a sent packet, until it is read.
  package static let receiveErrors = SocketOption(
    Platform.ip, IP_RECVERR, "IPPROTO_IP, IP_RECVERR", "error queue")
  package static let receiveErrors6 = SocketOption(
    Platform.ipv6, IPV6_RECVERR, "IPPROTO_IPV6, IPV6_RECVERR", "error queue")
  package static let multicastTimeToLive = SocketOption(
    Platform.ip, IP_MULTICAST_TTL, "IPPROTO_IP, IP_MULTICAST_TTL", "multicast TTL")
  package static let multicastHopLimit = SocketOption(
    Platform.ipv6, IPV6_MULTICAST_HOPS, "IPPROTO_IPV6, IPV6_MULTICAST_HOPS", "multicast hop limit")
  package static let multicastLoop = SocketOption(
    Platform.ip, IP_MULTICAST_LOOP, "IPPROTO_IP, IP_MULTICAST_LOOP", "multicast loop")
  package static let multicastLoop6 = SocketOption(
    Platform.ipv6, IPV6_MULTICAST_LOOP, "IPPROTO_IPV6, IPV6_MULTICAST_LOOP", "multicast loop")
  package static let multicastInterface6 = SocketOption(
    Platform.ipv6, IPV6_MULTICAST_IF, "IPPROTO_IPV6, IPV6_MULTICAST_IF", "multicast interface")
  /// Whether a socket receives the groups that other sockets of this machine have joined, which is the default on
  /// Linux.
  package static let multicastAll = SocketOption(
    Platform.ip, IP_MULTICAST_ALL, "IPPROTO_IP, IP_MULTICAST_ALL", "multicast from any group")
  /// The same for IPv6; the number is that of linux/in6.h, which Swift cannot import.
  package static let multicastAll6 = SocketOption(
    Platform.ipv6, 29, "IPPROTO_IPV6, IPV6_MULTICAST_ALL", "multicast from any group")
  /// Leaves the choice of a source port to `connect`, which can share one between destinations.
  package static let bindAddressOnly = SocketOption(
    Platform.ip, IP_BIND_ADDRESS_NO_PORT, "IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT", "late source port")
}

extension SocketOption {
  /// Sets the option on a socket. The corresponding C function is `setsockopt`.
  package func set(_ value: Int, on socket: FileDescriptor) throws(IOFailure) {
    try set(CInt(clamping: value), shownAs: "\(value)", on: socket)
  }

  /// The same for an option whose four bytes have no sign.
  func set(unsigned value: UInt32, on socket: FileDescriptor) throws(IOFailure) {
    try set(CInt(bitPattern: value), shownAs: "\(value)", on: socket)
  }

  private func set(_ value: CInt, shownAs text: String, on socket: FileDescriptor) throws(IOFailure) {
    var raw = value
    _ = try attempting(.set("\(name) to \(text)")) { () throws(Errno) in
      try systemCall("setsockopt(\(socket.rawValue), \(constants), \(text))") {
        unsafe setsockopt(socket.rawValue, level, number, &raw, socklen_t(MemoryLayout<CInt>.size))
      }
    }
  }

  /// The value that the kernel reports. The corresponding C function is `getsockopt`.
  package func value(on socket: FileDescriptor) throws(IOFailure) -> Int {
    var raw: CInt = 0
    var length = socklen_t(MemoryLayout<CInt>.size)
    _ = try attempting(.set(name)) { () throws(Errno) in
      try systemCall("getsockopt(\(socket.rawValue), \(constants))", note: " {\(raw)}") {
        unsafe getsockopt(socket.rawValue, level, number, &raw, &length)
      }
    }
    return Int(raw)
  }
}

/// A socket option whose value is a name.
package struct SocketNameOption: Sendable {
  let level: CInt
  let number: CInt
  let constants: String
  /// The option in words.
  package let name: String

  package static let interface = SocketNameOption(
    level: SOL_SOCKET, number: SO_BINDTODEVICE, constants: "SOL_SOCKET, SO_BINDTODEVICE", name: "interface")
  package static let congestion = SocketNameOption(
    level: Platform.tcp, number: TCP_CONGESTION, constants: "IPPROTO_TCP, TCP_CONGESTION",
    name: "congestion control")

  /// Sets the option on a socket. The corresponding C function is `setsockopt`.
  package func set(_ value: String, on socket: FileDescriptor) throws(IOFailure) {
    _ = try attempting(.set("\(name) to \(value)")) { () throws(Errno) in
      try systemCall("setsockopt(\(socket.rawValue), \(constants), \"\(value)\")") {
        unsafe setsockopt(socket.rawValue, level, number, value, socklen_t(value.utf8.count))
      }
    }
  }

  /// The value that the kernel reports; `nil` if it reports none. The corresponding C function is `getsockopt`.
  package func value(on socket: FileDescriptor) -> String? {
    var bytes = [UInt8](repeating: 0, count: 64)
    var length = socklen_t(bytes.count)
    let status = try? systemCall(
      "getsockopt(\(socket.rawValue), \(constants))",
      note: " {\(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))}"
    ) {
      unsafe getsockopt(socket.rawValue, level, number, &bytes, &length)
    }
    guard status == 0 else { return nil }
    return String(decoding: bytes.prefix(Int(length)).prefix { $0 != 0 }, as: UTF8.self)
  }
}
