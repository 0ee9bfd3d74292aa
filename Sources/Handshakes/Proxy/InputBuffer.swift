// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// The bytes of binary messages that were received and not taken yet.
struct InputBuffer: Sendable {
  private var bytes: [UInt8] = []
  /// The number of bytes added by the last call, and how many of all were taken.
  private var added = 0
  private var taken = 0

  /// Adds what was received.
  mutating func add(_ input: Span<UInt8>) {
    bytes.removeFirst(taken)
    taken = 0
    added = input.count
    bytes.append(copying: input)
  }

  /// The bytes that were not taken.
  var rest: ArraySlice<UInt8> { bytes[taken...] }

  /// Takes bytes off the front.
  ///
  /// - Returns: `nil` if there are fewer.
  mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard rest.count >= count else { return nil }
    defer { taken += count }
    return rest.prefix(count)
  }

  /// How many of the bytes added last were taken, if all before were.
  var takenOfLast: Int { added - rest.count }

  /// Drops the bytes that were not taken, because they will be added again.
  ///
  /// - Returns: `takenOfLast`.
  mutating func dropRest() -> Int {
    defer { bytes.removeLast(rest.count) }
    return takenOfLast
  }
}
