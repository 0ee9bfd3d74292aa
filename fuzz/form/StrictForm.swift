// SPDX-License-Identifier: GPL-3.0-or-later

/// A form with the boundary `b`, read the plain way out of bytes that are all there (RFC 2046, section 5.1.1). Nothing
/// of the server is used for it. What stands in the headers of the parts is not checked.
struct StrictForm {
  /// The contents of its complete parts, up to the first place at which it is wrong.
  private(set) var contents: [[UInt8]] = []
  /// Whether it has ended.
  private(set) var isComplete = false

  private static let delimiter = Array("\r\n--b".utf8)

  /// Reads a form.
  init(_ bytes: ArraySlice<UInt8>) {
    // The first delimiter may be the first thing.
    var rest = (Array("\r\n".utf8) + bytes)[...]
    guard Self.skip(through: Self.delimiter, &rest) != nil else { return }
    while true {
      rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
      if rest.starts(with: "--".utf8) {
        isComplete = true
        return
      }
      guard rest.starts(with: "\r\n".utf8), Self.skip(through: Array("\r\n\r\n".utf8), &rest) != nil,
        let content = Self.skip(through: Self.delimiter, &rest)
      else { return }
      contents.append(content)
    }
  }

  /// Takes what precedes a text off the front, and the text; `nil` if it does not occur.
  private static func skip(through text: [UInt8], _ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
    var start = rest.startIndex
    while rest.endIndex - start >= text.count {
      if rest[start...].starts(with: text) {
        let before = Array(rest[..<start])
        rest = rest[(start + text.count)...]
        return before
      }
      start += 1
    }
    return nil
  }
}
