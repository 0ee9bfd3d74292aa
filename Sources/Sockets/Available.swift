// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import SystemPackage

/// What this system has to choose from, for messages about a choice that it does not have.
package enum Available {
  /// The names of the network interfaces. The corresponding C function is `if_nameindex`.
  package static var interfaces: [String] {
    guard let list = unsafe if_nameindex() else { return [] }
    defer { unsafe if_freenameindex(list) }
    var names: [String] = []
    var next = unsafe list
    while let name = unsafe next.pointee.if_name {
      unsafe names.append(String(cString: name))
      unsafe next += 1
    }
    return names
  }

  /// The names of the congestion control algorithms that are loaded.
  package static var congestionControls: [String] {
    guard
      let file = unsafe try? FileDescriptor.open(
        "/proc/sys/net/ipv4/tcp_available_congestion_control", .readOnly)
    else { return [] }
    defer { try? file.close() }
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 1024) { buffer, count in
      count = unsafe (try? file.read(into: UnsafeMutableRawBufferPointer(buffer))) ?? 0
    }
    return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).map(String.init)
  }
}
