// SPDX-License-Identifier: GPL-3.0-or-later

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
