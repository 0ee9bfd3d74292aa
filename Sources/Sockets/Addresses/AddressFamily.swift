// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// The address family of a socket: the domain that `socket(2)` takes.
package enum AddressFamily: Hashable, Sendable {
  case ipv4
  case ipv6
  case unix

  /// The display name of the family.
  package var title: String {
    switch self {
    case .ipv4: "IPv4"
    case .ipv6: "IPv6"
    case .unix: "Unix"
    }
  }

  var domain: CInt {
    switch self {
    case .ipv4: AF_INET
    case .ipv6: AF_INET6
    case .unix: AF_UNIX
    }
  }

  var domainName: String {
    switch self {
    case .ipv4: "AF_INET"
    case .ipv6: "AF_INET6"
    case .unix: "AF_UNIX"
    }
  }
}
