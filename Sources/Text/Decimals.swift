// SPDX-License-Identifier: GPL-3.0-or-later

/// Numbers with a fixed count of decimals, which the standard library has no words for.
package enum Decimals {
  /// Writes a non-negative number rounded to some decimals.
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
