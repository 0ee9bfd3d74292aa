// SPDX-License-Identifier: GPL-3.0-or-later

import SockkitCore

/// The line that shows how far a transfer has come.
struct ProgressLine {
  let sent: Int
  let received: Int
  /// The bytes there are to send, where that is known.
  let size: Int?
  /// Bytes a second, both ways together.
  let rate: Double

  private static let barWidth = 16

  /// `512.0 MiB of 1.0 GiB  50% [########        ]  812.3 MiB/s  0:01 left`
  var text: String {
    let speed = "\(SizeFormat.describe(rate))/s"
    guard let size, size > 0 else {
      return
        "sent \(SizeFormat.describe(Double(sent))), received \(SizeFormat.describe(Double(received)))  \(speed)"
    }
    let share = min(1, Double(sent) / Double(size))
    let filled = Int(share * Double(Self.barWidth))
    let bar = String(repeating: "#", count: filled) + String(repeating: " ", count: Self.barWidth - filled)
    let counts = "\(SizeFormat.describe(Double(sent))) of \(SizeFormat.describe(Double(size)))"
    return "\(counts)  \(Int(share * 100))% [\(bar)]  \(speed)\(timeLeft(size - sent))"
  }

  private func timeLeft(_ bytes: Int) -> String {
    guard bytes > 0, rate > 0 else { return "" }
    let seconds = Double(bytes) / rate
    guard seconds < 360_000 else { return "" }
    let whole = Int(seconds.rounded(.up))
    let rest = whole % 60
    return "  \(whole / 60):\(rest < 10 ? "0" : "")\(rest) left"
  }
}
