// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// The locale of the environment, as far as it decides which characters can be edited, locale(7).
package struct TerminalLocale: Equatable, Sendable {
  /// The name, from `LC_ALL`, `LC_CTYPE` or `LANG`; `nil` if none of them is set.
  package let name: String?
  /// The character encoding, such as `UTF-8`; `nil` if the locale is not installed.
  package let encoding: String?

  /// Describes a locale.
  package init(name: String?, encoding: String?) {
    self.name = name
    self.encoding = encoding
  }

  /// The locale of this process. The corresponding C functions are `newlocale` and `nl_langinfo_l`.
  package static var current: TerminalLocale {
    let name = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(variable).first
    guard let locale = unsafe newlocale(LC_CTYPE_MASK, "", nil) else {
      return TerminalLocale(name: name, encoding: nil)
    }
    defer { unsafe freelocale(locale) }
    let encoding = unsafe nl_langinfo_l(nl_item(CODESET), locale).map { unsafe String(cString: $0) }
    return TerminalLocale(name: name, encoding: encoding)
  }

  private static func variable(_ name: String) -> String? {
    guard let value = unsafe getenv(name), unsafe value.pointee != 0 else { return nil }
    return unsafe String(cString: value)
  }
}
