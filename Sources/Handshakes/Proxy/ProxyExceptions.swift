// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// The hosts that are reached without a proxy: a list such as `localhost,.example.org,192.0.2.0/24`, as in `NO_PROXY`.
package struct ProxyExceptions: Equatable, Sendable {
  private let entries: [String]

  /// Reads a list, separated by commas or blanks.
  package init(_ list: String) {
    entries = list.split { $0 == "," || $0.isWhitespace }.map { Self.withoutBrackets($0) }
  }

  /// Whether a host is an exception: it is an entry of the list, in its domain or in its network, or the list has `*`.
  package func contain(_ host: String) -> Bool {
    let host = Self.withoutBrackets(host[...])
    let address = IPAddress(host)
    return entries.contains { entry in
      if entry == "*" { return true }
      if let address { return Network(entry)?.contains(address) == true }
      return DomainName(entry).contains(DomainName(host))
    }
  }

  private static func withoutBrackets(_ host: Substring) -> String {
    String(host.hasPrefix("[") && host.hasSuffix("]") ? host.dropFirst().dropLast() : host)
  }
}
