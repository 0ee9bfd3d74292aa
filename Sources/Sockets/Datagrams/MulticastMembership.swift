// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
import SystemPackage

/// A multicast group to receive from, with the interface and the only sender, if given: `GROUP[%INTERFACE]`.
package struct MulticastMembership: Equatable, Sendable {
  /// The group's address, `224.0.0.0/4` or `ff00::/8`.
  package let group: IPAddress
  /// The index of the interface; 0 leaves the choice to the routing table.
  package let interface: UInt32
  /// The only sender to receive from (RFC 4607), or `nil` for any.
  package var source: IPAddress?

  /// Creates the membership in a group, on the interface of the address's zone or else the one that the routing table
  /// gives.
  package init(group: IPAddress, source: IPAddress? = nil) {
    self.group = group
    self.source = source
    if case .ipv6(_, let zone) = group { interface = zone } else { interface = 0 }
  }

  /// Reads `GROUP` or `GROUP%INTERFACE`, for either family; `nil` for anything else, such as an address that is not a
  /// group or an interface that does not exist.
  package init?(_ text: String) {
    let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    guard let group = IPAddress(String(parts[0])), group.isMulticast else { return nil }
    self.group = group
    guard parts.count == 2 else {
      interface = 0
      return
    }
    interface = unsafe if_nametoindex(String(parts[1]))
    guard interface != 0 else { return nil }
  }

  /// Joins the group. The corresponding C function is `setsockopt` with `MCAST_JOIN_GROUP` or
  /// `MCAST_JOIN_SOURCE_GROUP` (RFC 3678).
  func join(on socket: FileDescriptor) throws(IOFailure) {
    let name =
      source.map { "MCAST_JOIN_SOURCE_GROUP, {\(group) from \($0)}" } ?? "MCAST_JOIN_GROUP, {\(group)}"
    let level = group.family == .ipv6 ? "IPPROTO_IPV6" : "IPPROTO_IP"
    _ = try attempting(.set("membership in \(group)\(source.map { " from \($0)" } ?? "")")) {
      () throws(Errno) in
      let group = try KernelAddress(.internet(group, port: 0))
      let source = try source.map { (address) throws(Errno) in
        try KernelAddress(.internet(address, port: 0))
      }
      return try systemCall("setsockopt(\(socket.rawValue), \(level), \(name), {\(self.group)})") {
        unsafe group.read { groupAddress, groupLength in
          guard let source else {
            return unsafe csockkit_join_group(socket.rawValue, groupAddress, groupLength, interface, nil, 0)
          }
          return unsafe source.read {
            unsafe csockkit_join_group(socket.rawValue, groupAddress, groupLength, interface, $0, $1)
          }
        }
      }
    }
  }
}
