// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import SystemPackage

/// The limit of open descriptors of the process: `RLIMIT_NOFILE`.
package enum DescriptorLimit {
  /// The soft and the hard limit; `nil` if they cannot be read. The corresponding C function is `getrlimit`.
  package static var current: (soft: Int, hard: Int)? {
    var limit = rlimit()
    let resource = CInt(RLIMIT_NOFILE.rawValue)
    guard (try? systemCall("getrlimit(RLIMIT_NOFILE)") { unsafe getrlimit(resource, &limit) }) != nil else {
      return nil
    }
    return (Int(clamping: limit.rlim_cur), Int(clamping: limit.rlim_max))
  }

  /// Raises the soft limit if it is lower than `count`; child programs inherit it.
  package static func raise(toAtLeast count: Int) {
    var limit = rlimit()
    let resource = CInt(RLIMIT_NOFILE.rawValue)
    guard (try? systemCall("getrlimit(RLIMIT_NOFILE)") { unsafe getrlimit(resource, &limit) }) != nil else {
      return
    }
    if limit.rlim_cur < count { raise() }
  }

  /// Raises the soft limit to the hard limit, and returns it.
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
