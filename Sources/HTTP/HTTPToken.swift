// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// The tokens of HTTP's grammar (RFC 9110, section 5.6).
enum HTTPToken {
  private static let isAllowed: [Bool] = (UInt8.min...UInt8.max).map { byte in
    byte.isDigit || byte.isLetter || "!#$%&'*+-.^_`|~".utf8.contains(byte)
  }

  /// Whether bytes are a token: the name of a method, a field or a parameter.
  static func isToken(_ bytes: some Collection<UInt8>) -> Bool {
    !bytes.isEmpty && bytes.allSatisfy { isAllowed[Int($0)] }
  }

  /// The elements of a list, which may be empty, without surrounding blanks; a comma in quotes is a separator too.
  static func list(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    bytes.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map(\.withoutBlanks)
  }
}
