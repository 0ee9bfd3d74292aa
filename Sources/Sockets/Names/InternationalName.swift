// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit

/// Host names beyond ASCII: `bücher.example` is `xn--bcher-kva.example` in DNS (IDNA 2008, RFC 5891).
///
/// The conversion does not use glibc's `AI_IDN`, which reads names in the locale's encoding and so refuses all of them
/// in the C locale, the usual one in cron jobs and containers.
package enum InternationalName {
  /// Loads the library, which may not be possible later.
  static func load() { _ = try? encode("\u{E4}") }

  /// The name in DNS form; a name of ASCII only is returned unchanged.
  ///
  /// The corresponding C function is libidn2's `idn2_lookup_u8`.
  ///
  /// - Throws: A `LookupFailure`: the name breaks a rule, or the library is missing.
  package static func encode(_ name: String) throws(LookupFailure) -> String {
    guard !name.utf8.allSatisfy({ $0 < 0x80 }) else { return name }
    guard ByteText.isText(name) else { throw LookupFailure(.hostNotFound, "the name is not UTF-8") }
    var encoded: UnsafeMutablePointer<CChar>? = nil
    let status = unsafe csockkit_idn_encode(name, &encoded)
    guard status != csockkit_idn_library_missing else {
      throw LookupFailure(
        .systemError, "names beyond ASCII need libidn2.so.0 (the Debian package libidn2-0)")
    }
    guard status == 0, let encoded = unsafe encoded else {
      let reason = unsafe csockkit_idn_error(status).map { unsafe String(cString: $0) }
      throw LookupFailure(.hostNotFound, "not a valid international name: \(reason ?? "error \(status)")")
    }
    defer { unsafe csockkit_idn_free(encoded) }
    return unsafe String(cString: encoded)
  }
}
