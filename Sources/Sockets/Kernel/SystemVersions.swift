// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// The versions of the kernel and of libraries on this system.
package enum SystemVersions {
  /// The name and release of the kernel, such as `Linux 6.1.0`. The corresponding C function is `uname`.
  package static var kernel: String {
    var names = utsname()
    guard unsafe uname(&names) == 0 else { return "unknown" }
    return [text(of: &names.sysname), text(of: &names.release)].joined(separator: " ")
  }

  /// The version of Landlock's ABI. The corresponding C function is `landlock_create_ruleset`.
  ///
  /// - Throws: `ENOSYS` if the kernel has no Landlock, `EOPNOTSUPP` if it is off.
  package static func landlock() throws(Errno) -> Int {
    Int(
      try systemCall("landlock_create_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION)") {
        csockkit_landlock_version()
      })
  }

  /// The version of the OpenSSL library, such as `OpenSSL 3.0.17 1 Jul 2025`; `nil` if this system has no OpenSSL 3. The
  /// library is loaded. The corresponding C function is `OpenSSL_version`.
  package static var openSSL: String? { unsafe csockkit_openssl_version().map { unsafe String(cString: $0) } }

  private static func text<Storage>(of storage: inout Storage) -> String {
    unsafe withUnsafeBytes(of: &storage) { unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
