// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// An entry of the services database.
package struct Service: Equatable, Sendable {
  /// The official name.
  package let name: String
  /// The port.
  package let port: UInt16
  /// The transport protocol, such as `tcp`.
  package let `protocol`: String
  /// The other names.
  package let aliases: [String]

  /// Creates an entry.
  package init(name: String, port: UInt16, protocol: String, aliases: [String] = []) {
    self.name = name
    self.port = port
    self.protocol = `protocol`
    self.aliases = aliases
  }

  /// Whether a text is the service's name or one of its aliases.
  package func isNamed(_ text: String) -> Bool { name == text || aliases.contains(text) }

  /// Copies an entry that the C library owns.
  init(copying entry: servent) {
    var aliases: [String] = []
    var next = unsafe entry.s_aliases
    while let alias = unsafe next?.pointee {
      unsafe aliases.append(String(cString: alias))
      unsafe next = unsafe next?.advanced(by: 1)
    }
    self.init(
      name: unsafe String(cString: entry.s_name),
      port: UInt16(bigEndian: UInt16(truncatingIfNeeded: unsafe entry.s_port)),
      protocol: unsafe String(cString: entry.s_proto), aliases: aliases)
  }
}
