// SPDX-License-Identifier: GPL-3.0-or-later

/// The name of a file on Linux: bytes in no particular encoding, without a zero byte.
package struct PathName: Hashable, Sendable, CustomStringConvertible {
  /// The bytes.
  package let bytes: [UInt8]

  /// Creates a name from bytes; `nil` if they are empty or contain a zero byte or a slash.
  package init?(_ bytes: some Collection<UInt8>) {
    let isName = !bytes.isEmpty && !bytes.contains { $0 == 0 || $0 == UInt8(ascii: "/") }
    guard isName else { return nil }
    self.bytes = Array(bytes)
  }

  /// Creates a name from a literal.
  ///
  /// - Precondition: It is not empty, and has neither a zero byte nor a slash.
  package init(_ name: StaticString) {
    bytes = name.withUTF8Buffer { unsafe Array($0) }
    precondition(!bytes.isEmpty && !bytes.contains { $0 == 0 || $0 == UInt8(ascii: "/") })
  }

  /// The name with something after it.
  ///
  /// - Precondition: The suffix has neither a zero byte nor a slash.
  package func appending(_ suffix: StaticString) -> PathName {
    PathName(joining: bytes, PathName(suffix).bytes)
  }

  private init(joining start: [UInt8], _ end: [UInt8]) { bytes = start + end }

  /// Whether the file is hidden: its name begins with a dot, as `.` and `..` do.
  package var isHidden: Bool { bytes.first == UInt8(ascii: ".") }

  /// The name as a C string.
  var terminated: [CChar] { bytes.map { CChar(bitPattern: $0) } + [0] }

  /// The name as `ByteText`.
  package var description: String { ByteText.text(of: bytes) }

  /// The directory itself.
  static let here = PathName(".")
  /// The directory above.
  static let above = PathName("..")
}
