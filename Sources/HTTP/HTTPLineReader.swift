// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// Assembles lines from pieces of any size: each ends with CR LF and contains no control characters except tabs (RFC
/// 9112, section 2.2).
///
/// The RFC allows a bare line feed to end a line too. It is refused unless that is asked for, because an intermediary
/// might not have seen the end of a line there.
package struct HTTPLineReader: Sendable {
  private static let carriageReturn = UInt8(ascii: "\r")
  private static let lineFeed = UInt8(ascii: "\n")

  /// The line so far, without its end.
  package private(set) var line: [UInt8] = []
  private var hasReturn = false
  private let acceptsBareLineFeed: Bool

  /// Creates a reader at the start of a line.
  ///
  /// - Parameter acceptsBareLineFeed: Whether a line may end with LF alone.
  package init(acceptsBareLineFeed: Bool = false) { self.acceptsBareLineFeed = acceptsBareLineFeed }

  /// Whether no byte of a line has been read.
  var isEmpty: Bool { line.isEmpty && !hasReturn }

  /// Clears the line, keeping its storage.
  package mutating func clear() { line.removeAll(keepingCapacity: true) }

  /// Reads bytes from an index on, and advances the index.
  ///
  /// - Parameters:
  ///   - limit: The maximum length of the line, in bytes.
  ///   - excess: The status of the error if it is longer.
  /// - Returns: Whether the line is complete; if not, all bytes were read.
  package mutating func read(
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
      // The part within the limit is kept, so that the refused request is the same however it was cut into pieces.
      let run = bytes.extracting(start..<min(index, start + limit - line.count))
      line.append(copying: run)
      guard run.count == index - start else {
        throw HTTPError(excess, "more than \(limit) bytes in a line, or in all header fields")
      }
      guard index < bytes.count else { return false }
      if acceptsBareLineFeed, bytes[index] == Self.lineFeed {
        index += 1
        return true
      }
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
