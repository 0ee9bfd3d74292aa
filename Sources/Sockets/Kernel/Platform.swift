// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

#if !canImport(Glibc)
  #error("Sockets is written for Linux with glibc: the types of these constants differ elsewhere.")
#endif

/// C constants whose imported Swift types differ (`Int`, `UInt32`, an enum), converted to the one type that the calls
/// take.
enum Platform {
  static let streamSocket = CInt(SOCK_STREAM.rawValue)
  static let datagramSocket = CInt(SOCK_DGRAM.rawValue)
  static let sequencedPacketSocket = CInt(SOCK_SEQPACKET.rawValue)
  /// The name of a type of socket in C.
  static func typeName(of type: CInt) -> String {
    switch type {
    case datagramSocket: "SOCK_DGRAM"
    case sequencedPacketSocket: "SOCK_SEQPACKET"
    default: "SOCK_STREAM"
    }
  }
  /// The name of a protocol in C, or its number.
  static func protocolName(of number: CInt) -> String {
    switch number {
    case multipathTCP: "IPPROTO_MPTCP"
    case sctp: "IPPROTO_SCTP"
    default: "\(number)"
    }
  }
  static let closeOnExec = CInt(SOCK_CLOEXEC.rawValue)
  static let nonBlocking = CInt(SOCK_NONBLOCK.rawValue)
  static let noSignal = CInt(MSG_NOSIGNAL)
  static let dontWait = CInt(MSG_DONTWAIT)
  static let more = CInt(MSG_MORE)
  static let peek = CInt(MSG_PEEK)
  static let truncatedLength = CInt(MSG_TRUNC)
  static let shutWrite = CInt(SHUT_WR)
  static let shutBoth = CInt(SHUT_RDWR)
  static let tcp = CInt(IPPROTO_TCP)
  static let tcpClosed = UInt8(TCP_CLOSE)
  static let multipathTCP = CInt(IPPROTO_MPTCP)
  static let sctp = CInt(IPPROTO_SCTP)
  static let udp = CInt(IPPROTO_UDP)
  static let ip = CInt(IPPROTO_IP)
  static let ipv6 = CInt(IPPROTO_IPV6)
}
