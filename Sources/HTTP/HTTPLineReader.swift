// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// Puts lines together from whatever pieces they arrive in: each ends with CR LF and has no other control
/// characters than tabs in it (RFC 9112, section 2.2).
///
/// A lone line feed would be allowed to end a line too. It is refused, because whoever stands in between might not
/// have seen a line end there.
struct HTTPLineReader {
  private static let carriageReturn = UInt8(ascii: "\r")
  private static let lineFeed = UInt8(ascii: "\n")

  /// The line so far, without its end.
  private(set) var line: [UInt8] = []
  private var hasReturn = false

  /// Whether nothing of a line has come.
  var isEmpty: Bool { line.isEmpty && !hasReturn }

  /// Forgets the line, keeping the storage.
  mutating func clear() { line.removeAll(keepingCapacity: true) }

  /// Takes bytes from an index on, which moves along.
  ///
  /// - Parameters:
  ///   - limit: The most bytes that the line may have.
  ///   - excess: What it is if there are more.
  /// - Returns: Whether the line is complete; if not, all bytes were taken.
  mutating func read(
    _ bytes: Span<UInt8>, from index: inout Int, limit: Int, excess: HTTPStatus
  ) throws(HTTPError) -> Bool {
    while index < bytes.count {
      if hasReturn {
        guard bytes[index] == Self.lineFeed else { throw .malformed("a carriage return without a line feed") }
        hasReturn = false
        index += 1
        return true
      }
      let start = index
      while index < bytes.count, Self.isOrdinary(bytes[index]) { index += 1 }
      // As much as fits in stays, so that what was refused looks the same in whatever pieces it came.
      let run = bytes.extracting(start..<min(index, start + limit - line.count))
      line.append(copying: run)
      guard run.count == index - start else {
        throw HTTPError(excess, "more than \(limit) bytes in a line, or in all header fields")
      }
      guard index < bytes.count else { return false }
      try takeControl(bytes[index])
      index += 1
    }
    return false
  }

  private mutating func takeControl(_ byte: UInt8) throws(HTTPError) {
    switch byte {
    case Self.carriageReturn: hasReturn = true
    case Self.lineFeed: throw .malformed("a line feed without a carriage return")
    default: throw .malformed("a control character in the header")
    }
  }

  private static func isOrdinary(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != 0x7F || byte == UInt8(ascii: "\t")
  }
}
