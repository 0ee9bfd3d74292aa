// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import SystemPackage

/// The address family of a socket: the domain that `socket(2)` takes.
package enum AddressFamily: Hashable, Sendable {
  case ipv4
  case ipv6
  case unix
  /// Between a virtual machine and its host: vsock(7).
  case vsock

  /// The display name of the family.
  package var title: String {
    switch self {
    case .ipv4: "IPv4"
    case .ipv6: "IPv6"
    case .unix: "Unix"
    case .vsock: "vsock"
    }
  }

  /// Whether its sockets speak IP, and so have the options of IP and of its protocols.
  package var isInternet: Bool { self == .ipv4 || self == .ipv6 }

  /// The family of a socket; `nil` if it is none of these. The corresponding C function is `getsockopt` with
  /// `SO_DOMAIN`.
  package init?(of socket: FileDescriptor) {
    guard let domain = try? SocketOption.domain.value(on: socket),
      let family = [AddressFamily.ipv4, .ipv6, .unix, .vsock].first(where: { Int($0.domain) == Int(domain) })
    else { return nil }
    self = family
  }

  var domain: CInt {
    switch self {
    case .ipv4: AF_INET
    case .ipv6: AF_INET6
    case .unix: AF_UNIX
    case .vsock: AF_VSOCK
    }
  }

  var domainName: String {
    switch self {
    case .ipv4: "AF_INET"
    case .ipv6: "AF_INET6"
    case .unix: "AF_UNIX"
    case .vsock: "AF_VSOCK"
    }
  }
}
