// SPDX-License-Identifier: GPL-3.0-or-later

/// The format of sizes in bytes: `4096`, `64K`, `1MB`, `2GiB`, in powers of 1024.
package enum SizeFormat {
  /// What `parse` accepts, for messages.
  package static let accepted = "a size in bytes such as 4096, 64K, 1M or 2GiB"

  private static let units = ["K", "M", "G", "T"]

  /// Parses a size; `nil` if it is anything else, negative, or over 64 bits.
  package static func parse(_ text: String) -> Int? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int(digits) else { return nil }
    let unit = text.dropFirst(digits.count).uppercased()
    guard !unit.isEmpty else { return number }
    guard let exponent = units.firstIndex(where: { [$0, "\($0)B", "\($0)IB"].contains(unit) }) else {
      return nil
    }
    let (size, overflow) = number.multipliedReportingOverflow(by: 1 << (10 * (exponent + 1)))
    return overflow ? nil : size
  }

  /// Describes what is expected instead of a rejected text.
  package static func expected(insteadOf text: String, _ range: String) -> String {
    accepted + range + (text.contains { ".,".contains($0) } ? "; fractions are not accepted" : "")
  }

  /// Formats a size for messages: `12 B`, `1.5 KiB`, `3.2 GiB`.
  package static func describe(_ bytes: Double) -> String {
    guard bytes >= 1024 else { return "\(Decimals.text(bytes, places: 0)) B" }
    var value = bytes / 1024
    var unit = 0
    while value >= 1024, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    return "\(Decimals.text(value, places: 1)) \(units[unit])iB"
  }
}

/// Formats numbers with a fixed number of decimals, which the standard library does not support.
package enum Decimals {
  /// Formats a non-negative number, rounded to a number of decimals.
  package static func text(_ number: Double, places: Int) -> String {
    var scale = 1
    for _ in 0..<places { scale *= 10 }
    let scaled = (number * Double(scale)).rounded()
    guard scaled.isFinite, scaled < 9e18 else { return "\(number)" }
    let whole = Int(scaled) / scale
    guard places > 0 else { return "\(whole)" }
    let fraction = String(Int(scaled) % scale)
    return "\(whole)." + String(repeating: "0", count: places - fraction.count) + fraction
  }
}
