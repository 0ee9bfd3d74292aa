// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
import SystemPackage

/// The options of a datagram socket that a user asked for; `nil` and `false` leave the system's choice.
package struct DatagramSettings: Equatable, Sendable {
  /// `SO_RCVBUF` in bytes; the kernel doubles it for its own needs. Without one a generous size is asked for.
  package var receiveBuffer: Int?
  /// `IP_TTL` and `IPV6_UNICAST_HOPS`, and the same for groups.
  package var timeToLive: Int?
  /// `SO_BROADCAST`: whether a broadcast address may be sent to.
  package var isBroadcastAllowed = false
  /// The interface that datagrams to a group leave by, by its name.
  package var multicastInterface: String?
  /// Whether datagrams to a group reach this machine too; Linux says yes.
  package var isMulticastLooped: Bool?
  /// `SO_REUSEPORT`.
  package var isPortReused = false
  /// The groups to receive from.
  package var memberships: [MulticastMembership] = []

  /// Enough for the time in which the program does not run: at a gigabit a second, some fifty milliseconds.
  private static let generousReceiveBuffer = 8 << 20

  /// Creates settings that leave everything to the system.
  package init() {}

  /// Sets up a socket that sends.
  func applyForSending(to socket: FileDescriptor, family: AddressFamily) throws(SystemError) {
    guard family != .unix else { return }
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

  /// Sets up a socket that receives: with room for a flood, the time of each datagram, and where it was sent to.
  ///
  func applyForReceiving(
    to socket: FileDescriptor, family: AddressFamily, detail: DatagramDetail
  ) throws(SystemError) {
    try enlargeReceiveBuffer(of: socket)
    guard detail == .everything else { return }
    try SocketOption.receiveTime.set(1, on: socket)
    guard family != .unix else { return }
    if family == .ipv6 { try SocketOption.packetInformation6.set(1, on: socket) }
    try SocketOption.packetInformation.set(1, on: socket)
  }

  /// Joins the groups.
  func join(on socket: FileDescriptor, family: AddressFamily) throws(SystemError) {
    guard !memberships.isEmpty else { return }
    try SocketOption.multicastAll.set(0, on: socket)
    if family == .ipv6 { try? SocketOption.multicastAll6.set(0, on: socket) }
    for membership in memberships { try membership.join(on: socket) }
  }

  /// A privileged process gets what it asks for, any other at most what the system allows.
  private func enlargeReceiveBuffer(of socket: FileDescriptor) throws(SystemError) {
    let size = receiveBuffer ?? Self.generousReceiveBuffer
    do {
      try SocketOption.forcedReceiveBuffer.set(size, on: socket)
    } catch {
      try SocketOption.receiveBuffer.set(size, on: socket)
    }
  }

  private static func setMulticastInterface(
    _ name: String, on socket: FileDescriptor, _ family: AddressFamily
  ) throws(SystemError) {
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
