// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
import SystemPackage

/// The options of a datagram socket that the user requested; `nil` and `false` leave the system's choice.
package struct DatagramSettings: Equatable, Sendable {
  /// `SO_RCVBUF` in bytes; the kernel doubles it for its own needs. By default a large size is requested.
  package var receiveBuffer: Int?
  /// `IP_TTL` and `IPV6_UNICAST_HOPS`, and the same for groups.
  package var timeToLive: Int?
  /// `SO_BROADCAST`: whether sending to a broadcast address is allowed.
  package var isBroadcastAllowed = false
  /// The name of the interface for datagrams sent to a group.
  package var multicastInterface: String?
  /// Whether datagrams to a group are delivered to this machine too, which is the default on Linux.
  package var isMulticastLooped: Bool?
  /// `SO_REUSEPORT`.
  package var isPortReused = false
  /// `SO_REUSEADDR` on a socket that receives from groups.
  package var isAddressReused = true
  /// Who may send to the file of a Unix socket that receives.
  package var socketFile = SocketFileAttributes()
  /// Whether datagrams stay in the queue when they are received (`MSG_PEEK`).
  package var isPeeking = false
  /// The groups to receive from.
  package var memberships: [MulticastMembership] = []

  /// The receive buffer that is requested by default, in bytes.
  ///
  /// Enough for a time in which the process is not scheduled: at one gigabit per second, about fifty milliseconds.
  package static let generousReceiveBuffer = 8 << 20

  /// Creates settings that leave everything to the system.
  package init() {}

  /// Takes over the options of a socket of any type that apply to datagrams.
  package init(_ settings: SocketSettings) {
    receiveBuffer = settings.receiveBuffer
    timeToLive = settings.timeToLive
    isBroadcastAllowed = settings.isBroadcastAllowed
  }

  /// Configures a socket that sends.
  func applyForSending(to socket: FileDescriptor, family: AddressFamily) throws(IOFailure) {
    guard family.isInternet else { return }
    let isIPv6 = family == .ipv6
    if isBroadcastAllowed { try SocketOption.broadcast.set(1, on: socket) }
    if let timeToLive {
      try (isIPv6 ? SocketOption.hopLimit : .timeToLive).set(timeToLive, on: socket)
      try (isIPv6 ? SocketOption.multicastHopLimit : .multicastTimeToLive).set(timeToLive, on: socket)
    }
    if let isMulticastLooped {
      let option = isIPv6 ? SocketOption.multicastLoop6 : .multicastLoop
      try option.set(isMulticastLooped ? 1 : 0, on: socket)
    }
    if let multicastInterface { try Self.setMulticastInterface(multicastInterface, on: socket, family) }
  }

  /// Configures a socket that receives: with a large buffer and, for full details, the time and the destination of each
  /// datagram.
  func applyForReceiving(
    to socket: FileDescriptor, family: AddressFamily, detail: DatagramDetail
  ) throws(IOFailure) {
    try enlargeReceiveBuffer(of: socket)
    guard detail == .everything else { return }
    try SocketOption.receiveTime.set(1, on: socket)
    guard family.isInternet else { return }
    if family == .ipv6 { try SocketOption.packetInformation6.set(1, on: socket) }
    try SocketOption.packetInformation.set(1, on: socket)
  }

  /// Joins the groups.
  func join(on socket: FileDescriptor, family: AddressFamily) throws(IOFailure) {
    guard !memberships.isEmpty else { return }
    try SocketOption.multicastAll.set(0, on: socket)
    if family == .ipv6 { try? SocketOption.multicastAll6.set(0, on: socket) }
    for membership in memberships { try membership.join(on: socket) }
  }

  /// A privileged process gets the size that it requests, any other at most the system's limit.
  private func enlargeReceiveBuffer(of socket: FileDescriptor) throws(IOFailure) {
    let size = receiveBuffer ?? Self.generousReceiveBuffer
    do {
      try SocketOption.forcedReceiveBuffer.set(size, on: socket)
    } catch {
      try SocketOption.receiveBuffer.set(size, on: socket)
    }
  }

  private static func setMulticastInterface(
    _ name: String, on socket: FileDescriptor, _ family: AddressFamily
  ) throws(IOFailure) {
    let index = unsafe if_nametoindex(name)
    guard family == .ipv4 else {
      return try SocketOption.multicastInterface6.set(Int(index), on: socket)
    }
    _ = try attempting(.set("multicast interface to \(name)")) { () throws(Errno) in
      try systemCall("setsockopt(\(socket.rawValue), IPPROTO_IP, IP_MULTICAST_IF, \(name))") {
        csockkit_set_multicast_interface(socket.rawValue, index)
      }
    }
  }
}
