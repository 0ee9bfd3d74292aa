// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Text

/// Assembles one client's lines from pieces of any size.
///
/// A line of up to 64 KiB is passed on whole; of a longer one no more than that is kept, and it is passed on in pieces.
struct LineBuffer {
  private var held: [UInt8] = []

  /// The maximum length of a line that is passed on whole, in bytes without its newline.
  static let longestWhole = 64 << 10

  /// The number of bytes of an incomplete line.
  var heldBytes: Int { held.count }

  /// Adds bytes, and passes on the lines that they complete.
  ///
  /// - Parameter pass: Called with each line or piece, without a newline, and whether the line ends with it.
  mutating func add(_ bytes: Span<UInt8>, pass: (_ piece: Span<UInt8>, _ endsLine: Bool) -> Void) {
    var start = 0
    while let length = Self.lineLength(bytes.extracting(start...)) {
      let rest = bytes.extracting(start..<start + length)
      if held.isEmpty {
        Self.cut(rest, pass: pass)
      } else {
        held.append(copying: rest)
        Self.cut(held.span, pass: pass)
        held.removeAll(keepingCapacity: held.capacity <= Self.longestWhole)
      }
      start += length + 1
    }
    guard start < bytes.count else { return }
    held.append(copying: bytes.extracting(start...))
    while held.count > Self.longestWhole {
      pass(held.span.extracting(first: Self.longestWhole), false)
      held.removeFirst(Self.longestWhole)
    }
  }

  /// Passes on an incomplete line as if it had ended.
  mutating func end(pass: (_ piece: Span<UInt8>, _ endsLine: Bool) -> Void) {
    guard !held.isEmpty else { return }
    pass(held.span, true)
    held = []
  }

  /// The number of bytes before the first newline; `nil` if there is none.
  ///
  /// The corresponding C function is `memchr`.
  private static func lineLength(_ bytes: Span<UInt8>) -> Int? {
    unsafe bytes.withUnsafeBytes { (bytes) -> Int? in
      guard let start = bytes.baseAddress else { return nil }
      guard let found = unsafe memchr(start, CInt(UInt8(ascii: "\n")), bytes.count) else { return nil }
      return unsafe UnsafeRawPointer(found) - start
    }
  }

  /// Passes on a complete line, in pieces if it is long.
  private static func cut(_ line: Span<UInt8>, pass: (_ piece: Span<UInt8>, _ endsLine: Bool) -> Void) {
    var start = 0
    while line.count - start > longestWhole {
      pass(line.extracting(start..<start + longestWhole), false)
      start += longestWhole
    }
    pass(line.extracting(start...), true)
  }
}
