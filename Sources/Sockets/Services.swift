// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// The services database, `/etc/services` on most systems: names for port numbers.
package enum Services {
  /// The port of a service, or `nil` if the database does not know it.
  ///
  /// The corresponding C function is `getservbyname_r`; `getservbyname` answers from a static buffer.
  package static func port(of name: String, protocol: String = "tcp") -> UInt16? {
    var entry = unsafe servent()
    var found: UnsafeMutablePointer<servent>? = nil
    var buffer = [CChar](repeating: 0, count: 4096)
    let status = unsafe getservbyname_r(name, `protocol`, &entry, &buffer, buffer.count, &found)
    guard status == 0, unsafe found != nil else { return nil }
    return UInt16(truncatingIfNeeded: unsafe entry.s_port).byteSwapped
  }
}
