// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// The hosts that are reached without a proxy: a list such as `localhost,.example.org,192.0.2.0/24`, as in `NO_PROXY`.
package struct ProxyExceptions: Equatable, Sendable {
  private let entries: [String]

  /// Reads a list, separated by commas or blanks.
  package init(_ list: String) {
    entries = list.split { $0 == "," || $0.isWhitespace }.map { Self.normalized($0) }
  }

  /// Whether a host is an exception: it is an entry of the list, in its domain or in its network, or the list has `*`.
  package func contain(_ host: String) -> Bool {
    let name = Self.normalized(host[...])
    let address = IPAddress(host)
    return entries.contains { entry in
      if entry == "*" || entry == name { return true }
      if let address { return Network(entry)?.contains(address) == true }
      return name.hasSuffix(".\(entry)")
    }
  }

  /// In lower case, without brackets, and without a dot at either end.
  private static func normalized(_ name: Substring) -> String {
    var name = name
    if name.hasPrefix("["), name.hasSuffix("]") { name = name.dropFirst().dropLast() }
    while name.first == "." { name.removeFirst() }
    while name.last == "." { name.removeLast() }
    return name.lowercased()
  }
}
