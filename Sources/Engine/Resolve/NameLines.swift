// SPDX-License-Identifier: GPL-3.0-or-later

/// Splits a stream of bytes into names, one per line; memory stays constant however long a line is.
///
/// White space around a name, including the CR of a CRLF, is removed, and empty lines are skipped.
package struct NameLines {
  private var bytes: [UInt8] = []
  /// The start of the bytes that were not taken yet.
  private var start = 0
  /// The start of the search for the next newline: there is none between `start` and here.
  private var searched = 0
  private var isEnded = false

  private static let newline = UInt8(ascii: "\n")

  /// Creates a splitter without input.
  package init() {}

  /// Appends bytes.
  package mutating func append(_ more: some Collection<UInt8>) {
    bytes.removeFirst(start)
    searched -= start
    start = 0
    bytes += more
  }

  /// Notes the end of the stream, which completes a last line without a newline.
  package mutating func end() { isEnded = true }

  /// The next name; `nil` if more bytes are needed, or there is none.
  package mutating func next() -> LookupQuery? {
    while let line = nextLine() {
      let name = Self.trimmed(line)
      if !name.isEmpty { return LookupQuery(bytes: name) }
    }
    return nil
  }

  private mutating func nextLine() -> ArraySlice<UInt8>? {
    if let newline = bytes[searched...].firstIndex(of: Self.newline) {
      defer {
        start = newline + 1
        searched = start
      }
      return bytes[start..<newline]
    }
    if isEnded, start < bytes.count {
      defer {
        start = bytes.count
        searched = start
      }
      return bytes[start...]
    }
    searched = bytes.count
    shorten()
    return nil
  }

  /// Drops the middle of a line that is too long for a name; the line stays too long.
  private mutating func shorten() {
    let limit = 2 * LookupQuery.longest
    guard bytes.count - start > 2 * limit else { return }
    bytes.removeSubrange((start + limit)..<bytes.count)
    searched = bytes.count
  }

  private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let white = Array(" \t\r\u{0B}\u{0C}".utf8)
    let first = line.drop { white.contains($0) }
    guard let last = first.lastIndex(where: { !white.contains($0) }) else { return [] }
    return first[...last]
  }
}
