// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// The byte ranges that a client requests (RFC 9110, section 14).
enum HTTPRanges: Equatable {
  /// All bytes: no range was requested, or not in a way that must be honoured.
  case whole
  /// These ranges, none of which is empty, and no two of which overlap.
  case parts([Range<Int>])
  /// None of the existing bytes.
  case unsatisfiable

  /// The maximum number of ranges that are sent. Requests for more, or for overlapping ones, are probably attacks
  /// (section 17.15).
  private static let mostParts = 16

  /// Parses the value of `Range` for a resource of `count` bytes.
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

  /// One range, empty if it contains none of the existing bytes; `nil` if it is invalid.
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
