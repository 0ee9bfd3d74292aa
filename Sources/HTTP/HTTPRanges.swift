// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// Which bytes a client asks for (RFC 9110, section 14).
enum HTTPRanges: Equatable {
  /// All of them: it asked for no part, or not in a way that has to be heeded.
  case whole
  /// These, none of which is empty, and no two of which overlap.
  case parts([Range<Int>])
  /// None that there are.
  case unsatisfiable

  /// The most parts that are sent. Who asks for more, or for the same bytes twice, is up to no good (section 17.15).
  private static let mostParts = 16

  /// Reads the value of `Range` for something of `count` bytes.
  init(_ value: [UInt8], count: Int) {
    guard let equals = value.firstIndex(of: UInt8(ascii: "=")), value[..<equals].equals("bytes") else {
      self = .whole
      return
    }
    var parts: [Range<Int>] = []
    let items = HTTPToken.list(Array(value[(equals + 1)...])).filter { !$0.isEmpty }
    guard !items.isEmpty, items.count <= Self.mostParts else {
      self = .whole
      return
    }
    for item in items {
      guard let range = Self.range(item, count: count) else {
        self = .whole
        return
      }
      if !range.isEmpty { parts.append(range) }
    }
    if parts.isEmpty {
      self = .unsatisfiable
    } else {
      self = Self.overlap(parts) ? .whole : .parts(parts)
    }
  }

  /// One range, empty if it has none of the bytes that there are; `nil` if it is none.
  private static func range(_ item: ArraySlice<UInt8>, count: Int) -> Range<Int>? {
    guard let dash = item.firstIndex(of: UInt8(ascii: "-")) else { return nil }
    let (first, last) = (item[..<dash], item[(dash + 1)...])
    if first.isEmpty {
      guard let length = last.decimalClamped else { return nil }
      return max(0, count - length)..<count
    }
    guard let start = first.decimalClamped else { return nil }
    if last.isEmpty { return min(start, count)..<count }
    guard let end = last.decimalClamped, start <= end else { return nil }
    return min(start, count)..<(end < count ? end + 1 : count)
  }

  private static func overlap(_ parts: [Range<Int>]) -> Bool {
    let sorted = parts.sorted { $0.lowerBound < $1.lowerBound }
    return zip(sorted, sorted.dropFirst()).contains { $0.upperBound > $1.lowerBound }
  }
}
