// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// The line that shows the progress of a transfer.
struct ProgressLine {
  /// The number of bytes sent.
  let sent: Int
  /// The number of bytes received.
  let received: Int
  /// The number of bytes to send, if it is known.
  let size: Int?
  /// The rate in bytes per second.
  let rate: Double

  private static let barWidth = 16

  /// `512.0 MiB of 1.0 GiB  50% [########        ]  812.3 MiB/s  0:01 left`
  var text: String { texts[0] }

  /// The longest form that fits into a number of columns.
  func text(within columns: Int) -> String {
    texts.first { $0.count <= columns } ?? String((texts.last ?? "").prefix(max(columns, 0)))
  }

  /// The full line, then shorter forms without the less important parts, down to one word.
  private var texts: [String] {
    let speed = "\(SizeFormat.describe(rate))/s"
    let sentSize = SizeFormat.describe(Double(sent))
    guard let size, size > 0 else {
      let counts = "sent \(sentSize), received \(SizeFormat.describe(Double(received)))"
      let total = SizeFormat.describe(Double(sent + received))
      return ["\(counts)  \(speed)", counts, "\(total)  \(speed)", total]
    }
    let share = min(1, Double(sent) / Double(size))
    let percentage = "\(Int(share * 100))%"
    let filled = Int(share * Double(Self.barWidth))
    let bar = String(repeating: "#", count: filled) + String(repeating: " ", count: Self.barWidth - filled)
    let counts = "\(sentSize) of \(SizeFormat.describe(Double(size)))"
    let left = timeLeft(size - sent)
    return [
      "\(counts)  \(percentage) [\(bar)]  \(speed)\(left)",
      "\(counts)  \(percentage)  \(speed)\(left)",
      "\(sentSize)  \(percentage)  \(speed)\(left)",
      "\(percentage)  \(speed)\(left)",
      "\(percentage)\(left)",
      percentage,
    ]
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
