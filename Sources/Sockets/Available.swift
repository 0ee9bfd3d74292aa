// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

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
  package static var congestionControls: [String] { KernelParameter.congestionControls.words ?? [] }
}
