// SPDX-License-Identifier: GPL-3.0-or-later

/// How much of the room for header fields, or for trailer fields, was used.
struct HTTPFieldTally {
  private var fields = 0
  private var bytes = 0

  /// Begins with nothing used.
  init() {}

  /// The bytes that the next line may have.
  func room(_ limits: HTTPLimits) -> Int { limits.fieldBytes - bytes }

  /// Counts a line that fitted in.
  mutating func count(_ line: [UInt8], _ limits: HTTPLimits) throws(HTTPError) {
    fields += 1
    bytes += line.count
    guard fields <= limits.fieldCount else {
      throw HTTPError(.headerTooLarge, "more than \(limits.fieldCount) header fields")
    }
  }
}
