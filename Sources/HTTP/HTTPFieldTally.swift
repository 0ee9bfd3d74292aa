// SPDX-License-Identifier: GPL-3.0-or-later

/// Counts the header fields, or the trailer fields, against their limits.
struct HTTPFieldTally {
  private var fields = 0
  private var bytes = 0

  /// Creates counters at zero.
  init() {}

  /// The maximum number of bytes of the next line.
  func room(_ limits: HTTPLimits) -> Int { limits.fieldBytes - bytes }

  /// Counts a line that was within the limit.
  mutating func count(_ line: [UInt8], _ limits: HTTPLimits) throws(HTTPError) {
    fields += 1
    bytes += line.count
    guard fields <= limits.fieldCount else {
      throw HTTPError(.headerTooLarge, "more than \(limits.fieldCount) header fields")
    }
  }
}
