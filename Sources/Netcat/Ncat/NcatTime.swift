// SPDX-License-Identifier: GPL-3.0-or-later

/// A time of a command line of `ncat`: a number, in seconds unless a unit follows.
package enum NcatTime {
  /// Times are below this number of seconds.
  package static let bound = 2_147_483

  /// Reads a time; `nil` for anything else.
  package static func parse(_ text: String) -> Duration? {
    let units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)]
    let lowercased = text.lowercased()
    let (suffix, factor) = units.first { lowercased.hasSuffix($0.0) } ?? ("", 1)
    let digits = lowercased.dropLast(suffix.count)
    // `Double` also reads hexadecimal numbers, infinities and the like.
    guard digits.utf8.allSatisfy({ "0123456789.e+-".utf8.contains($0) }), let number = Double(digits),
      number.isFinite
    else { return nil }
    let seconds = number * factor
    guard abs(seconds) < Double(bound) else { return nil }
    return .seconds(seconds)
  }
}
