// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// A level of socket options, with the names of those that users may want to set.
struct SocketOptionLevel: Sendable {
  /// The short name, such as `tcp`.
  let name: String
  /// The C constants of the level, the usual one first.
  let constants: [String]
  /// The second argument of `setsockopt`.
  let number: CInt
  /// The beginning of the C constants of its options, such as `TCP_`.
  let prefix: String
  /// The options, by the rest of their C constants in small letters, in alphabetical order.
  let options: [(name: String, number: CInt)]

  /// The levels with names; others can be named by their numbers.
  static let all = [socket, ip, ipv6, tcp]

  /// The level of a short name, or of a C constant, in either case; `nil` if there is none.
  static func named(_ text: String) -> SocketOptionLevel? {
    let (lowered, raised) = (text.lowercased(), text.uppercased())
    return all.first { $0.name == lowered || $0.constants.contains(raised) }
  }

  /// The number of an option, by its short name or its C constant, in either case; `nil` if the name is unknown.
  func option(_ text: String) -> CInt? {
    let lowered = text.lowercased()
    let short = lowered.hasPrefix(prefix.lowercased()) ? String(lowered.dropFirst(prefix.count)) : lowered
    return options.first { $0.name == short }?.number
  }

  private static let socket = SocketOptionLevel(
    name: "socket", constants: ["SOL_SOCKET"], number: SOL_SOCKET, prefix: "SO_",
    options: [
      ("bindtodevice", SO_BINDTODEVICE), ("broadcast", SO_BROADCAST), ("busy_poll", SO_BUSY_POLL),
      ("debug", SO_DEBUG), ("dontroute", SO_DONTROUTE), ("incoming_cpu", SO_INCOMING_CPU),
      ("keepalive", SO_KEEPALIVE), ("linger", SO_LINGER), ("mark", SO_MARK),
      ("max_pacing_rate", SO_MAX_PACING_RATE), ("oobinline", SO_OOBINLINE), ("passcred", SO_PASSCRED),
      ("priority", SO_PRIORITY), ("rcvbuf", SO_RCVBUF), ("rcvbufforce", SO_RCVBUFFORCE),
      ("rcvlowat", SO_RCVLOWAT), ("rcvtimeo", SO_RCVTIMEO), ("reuseaddr", SO_REUSEADDR),
      ("reuseport", SO_REUSEPORT), ("sndbuf", SO_SNDBUF), ("sndbufforce", SO_SNDBUFFORCE),
      ("sndtimeo", SO_SNDTIMEO), ("timestamp", SO_TIMESTAMP), ("zerocopy", SO_ZEROCOPY),
    ])

  private static let ip = SocketOptionLevel(
    name: "ip", constants: ["IPPROTO_IP", "SOL_IP"], number: Platform.ip, prefix: "IP_",
    options: [
      ("bind_address_no_port", IP_BIND_ADDRESS_NO_PORT), ("freebind", IP_FREEBIND), ("minttl", IP_MINTTL),
      ("mtu_discover", IP_MTU_DISCOVER), ("multicast_loop", IP_MULTICAST_LOOP),
      ("multicast_ttl", IP_MULTICAST_TTL), ("options", IP_OPTIONS), ("recverr", IP_RECVERR), ("tos", IP_TOS),
      ("transparent", IP_TRANSPARENT), ("ttl", IP_TTL),
    ])

  private static let ipv6 = SocketOptionLevel(
    name: "ipv6", constants: ["IPPROTO_IPV6", "SOL_IPV6"], number: Platform.ipv6, prefix: "IPV6_",
    options: [
      ("freebind", IPV6_FREEBIND), ("minhopcount", IPV6_MINHOPCOUNT), ("mtu", IPV6_MTU),
      ("mtu_discover", IPV6_MTU_DISCOVER), ("multicast_hops", IPV6_MULTICAST_HOPS),
      ("multicast_loop", IPV6_MULTICAST_LOOP), ("recverr", IPV6_RECVERR), ("tclass", IPV6_TCLASS),
      ("transparent", IPV6_TRANSPARENT), ("unicast_hops", IPV6_UNICAST_HOPS), ("v6only", IPV6_V6ONLY),
    ])

  private static let tcp = SocketOptionLevel(
    name: "tcp", constants: ["IPPROTO_TCP", "SOL_TCP"], number: Platform.tcp, prefix: "TCP_",
    options: [
      ("congestion", TCP_CONGESTION), ("cork", TCP_CORK), ("defer_accept", TCP_DEFER_ACCEPT),
      ("fastopen", TCP_FASTOPEN), ("fastopen_connect", TCP_FASTOPEN_CONNECT), ("keepcnt", TCP_KEEPCNT),
      ("keepidle", TCP_KEEPIDLE), ("keepintvl", TCP_KEEPINTVL), ("linger2", TCP_LINGER2),
      ("maxseg", TCP_MAXSEG), ("nodelay", TCP_NODELAY), ("notsent_lowat", TCP_NOTSENT_LOWAT),
      ("quickack", TCP_QUICKACK), ("save_syn", TCP_SAVE_SYN), ("syncnt", TCP_SYNCNT),
      ("thin_linear_timeouts", TCP_THIN_LINEAR_TIMEOUTS), ("timestamp", TCP_TIMESTAMP),
      ("user_timeout", TCP_USER_TIMEOUT), ("window_clamp", TCP_WINDOW_CLAMP),
    ])
}
