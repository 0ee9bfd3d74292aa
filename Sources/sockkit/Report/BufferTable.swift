// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Text

/// The results of a sweep of buffer sizes, as a table with a bar chart.
struct BufferTable {
  private let measurements: [BufferMeasurement]
  /// The columns of a line; the last column of a terminal is left free.
  private static let width = 79

  /// Creates a table of measurements of one transport.
  init(_ measurements: [BufferMeasurement]) { self.measurements = measurements }

  /// The header, and one line for each measurement.
  var lines: [String] {
    let last = measurements.first?.datagrams == nil ? "bytes taken" : "bytes kept"
    let header = line(["asked", "send buffer", "receive buffer", last])
    let largest = measurements.map(Self.amount).max() ?? 0
    return [header] + measurements.map { line($0, largest: largest) }
  }

  private func line(_ measurement: BufferMeasurement, largest: Int) -> String {
    let amount = Self.amount(measurement)
    let numbers = line([
      measurement.sendBuffer.requested.map(String.init) ?? "", "\(measurement.sendBuffer.effectiveAfter)",
      "\(measurement.receiveBuffer.effectiveAfter)", "\(amount)",
    ])
    let room = Self.width - numbers.count - 2
    // Every amount is visible: a bar that would be too short for one mark gets one.
    let marks = amount == 0 ? 0 : max(1, amount * room / largest)
    return numbers + "  " + String(repeating: "#", count: marks)
  }

  private func line(_ cells: [String]) -> String {
    zip(cells, [10, 13, 16, 13]).map { Column.right($0, width: $1) }.joined()
  }

  /// The values of the bars: the bytes that the kernel took, or with datagrams those that it kept.
  private static func amount(_ measurement: BufferMeasurement) -> Int {
    measurement.datagrams == nil ? measurement.bytesTaken : measurement.bytesInReceiver
  }
}
