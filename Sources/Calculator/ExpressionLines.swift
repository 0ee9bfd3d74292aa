// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// Splits a stream of bytes into expressions, one per line; memory stays constant however long a line is.
package struct ExpressionLines {
  /// A line of the stream.
  package struct Line: Equatable, Sendable {
    /// Its number, counted from 1.
    package let number: Int
    /// Its bytes, without the newline; `nil` if there are more than `longest`.
    package let bytes: [UInt8]?

    /// Creates a line.
    package init(number: Int, bytes: [UInt8]?) {
      self.number = number
      self.bytes = bytes
    }
  }

  /// The maximum length of a line in bytes.
  package static let longest = 1 << 20

  private static let newline = UInt8(ascii: "\n")

  private var bytes: [UInt8] = []
  /// The start of the bytes that were not taken yet.
  private var start = 0
  /// The start of the search for the next newline: there is none between `start` and here.
  private var searched = 0
  private var number = 0
  private var isEnded = false

  /// Creates a splitter without input.
  package init() {}

  /// Appends bytes.
  package mutating func append(_ more: Span<UInt8>) {
    bytes.removeFirst(start)
    searched -= start
    start = 0
    bytes.append(copying: more)
  }

  /// Notes the end of the stream, which completes a last line without a newline.
  package mutating func end() { isEnded = true }

  /// The next line that is not blank; `nil` if more bytes are needed, or there is none.
  package mutating func next() -> Line? {
    while let line = nextSlice() {
      number += 1
      if line.count > Self.longest { return Line(number: number, bytes: nil) }
      let isBlank = line.allSatisfy(\.isSpace)
      if !isBlank { return Line(number: number, bytes: Array(line)) }
    }
    return nil
  }

  private mutating func nextSlice() -> ArraySlice<UInt8>? {
    let newline = bytes[searched...].firstIndex(of: Self.newline)
    guard let end = newline ?? (isEnded && start < bytes.count ? bytes.count : nil) else {
      searched = bytes.count
      shorten()
      return nil
    }
    defer {
      start = newline.map { $0 + 1 } ?? end
      searched = start
    }
    return bytes[start..<end]
  }

  /// Drops the end of a line that is too long; the line stays too long.
  private mutating func shorten() {
    guard bytes.count - start > Self.longest + 1 else { return }
    bytes.removeSubrange((start + Self.longest + 1)...)
    searched = bytes.count
  }
}
