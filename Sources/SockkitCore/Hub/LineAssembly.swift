// SPDX-License-Identifier: GPL-3.0-or-later

/// Puts one client's lines together, however they were cut on their way.
///
/// A line of up to 64 KiB is passed on whole; of a longer one no more is kept than that, and it is passed on in pieces.
struct LineAssembly {
  private var held: [UInt8] = []

  /// The longest line, without its newline, that is passed on whole; in bytes.
  static let longestWhole = 64 << 10

  /// What was received of a line that has no end yet, in bytes.
  var heldBytes: Int { held.count }

  /// Takes bytes in, and passes on the lines that are whole with them.
  ///
  /// - Parameter pass: Told of each line or piece, without a newline, and whether the line ends with it.
  mutating func add(_ bytes: Span<UInt8>, pass: (_ piece: Span<UInt8>, _ endsLine: Bool) -> Void) {
    var start = 0
    for index in 0..<bytes.count where bytes[index] == UInt8(ascii: "\n") {
      let rest = bytes.extracting(start..<index)
      if held.isEmpty {
        Self.cut(rest, pass: pass)
      } else {
        held.append(copying: rest)
        Self.cut(held.span, pass: pass)
        held.removeAll(keepingCapacity: held.capacity <= Self.longestWhole)
      }
      start = index + 1
    }
    guard start < bytes.count else { return }
    held.append(copying: bytes.extracting(start...))
    while held.count > Self.longestWhole {
      pass(held.span.extracting(first: Self.longestWhole), false)
      held.removeFirst(Self.longestWhole)
    }
  }

  /// Passes on what was begun, as if it had ended.
  mutating func end(pass: (_ piece: Span<UInt8>, _ endsLine: Bool) -> Void) {
    guard !held.isEmpty else { return }
    pass(held.span, true)
    held = []
  }

  /// Passes on a line whose end is known, in pieces if it is long.
  private static func cut(_ line: Span<UInt8>, pass: (_ piece: Span<UInt8>, _ endsLine: Bool) -> Void) {
    var start = 0
    while line.count - start > longestWhole {
      pass(line.extracting(start..<start + longestWhole), false)
      start += longestWhole
    }
    pass(line.extracting(start...), true)
  }
}
