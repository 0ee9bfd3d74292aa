// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// The fields of a header that concern one connection alone, and that an intermediary removes (RFC 9110, section 7.6.1).
struct HTTPHopByHop {
  /// The names that the field Connection lists, in small letters.
  var named: Set<String> = []

  /// Those that are removed although Connection may not list them.
  private static let always: Set<String> = [
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te",
    "upgrade",
  ]

  /// Reads the lines of a header.
  init(in lines: some Sequence<[UInt8]>) {
    for line in lines where HTTPToken.fieldName(line) == "connection" {
      let value = line.drop { $0 != UInt8(ascii: ":") }.dropFirst()
      named.formUnion(
        HTTPToken.list(Array(value)).map { String(decoding: $0.map(\.lowercased), as: UTF8.self) })
    }
  }

  /// Whether the field with a name, in small letters, is one of them.
  func contains(_ name: String) -> Bool { Self.always.contains(name) || named.contains(name) }
}
