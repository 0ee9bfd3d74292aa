// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import SystemPackage

/// How many descriptors the process may have open: `RLIMIT_NOFILE`.
package enum DescriptorLimit {
  /// Raises the limit in force if it is lower than this, which the programs that are started inherit.
  package static func raise(toAtLeast count: Int) {
    var limit = rlimit()
    let resource = CInt(RLIMIT_NOFILE.rawValue)
    guard (try? systemCall("getrlimit(RLIMIT_NOFILE)") { unsafe getrlimit(resource, &limit) }) != nil else {
      return
    }
    if limit.rlim_cur < count { raise() }
  }

  /// Raises the limit in force to the highest that is permitted, and returns it.
  ///
  /// The corresponding C functions are `getrlimit` and `setrlimit`.
  @discardableResult
  package static func raise() -> Int {
    let resource = CInt(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    guard (try? systemCall("getrlimit(RLIMIT_NOFILE)") { unsafe getrlimit(resource, &limit) }) != nil else {
      return 0
    }
    let before = limit.rlim_cur
    limit.rlim_cur = limit.rlim_max
    let raised = try? systemCall("setrlimit(RLIMIT_NOFILE, \(limit.rlim_cur))") {
      unsafe setrlimit(resource, &limit)
    }
    return Int(clamping: raised == nil ? before : limit.rlim_cur)
  }
}
