// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// Names with a description each, in two columns.
struct HelpTable {
  private let rows: [(label: String, text: String)]
  private static let indent = 2
  private static let gap = 2

  /// Creates a table of rows in their order.
  init(_ rows: [(label: String, text: String)]) { self.rows = rows }

  /// The column of the descriptions in which the widest label fits.
  var fittingColumn: Int { (rows.map(\.label.count).max() ?? 0) + Self.indent + Self.gap }

  /// The lines of the table. A label that is too wide for its column has a line of its own.
  ///
  /// - Parameters:
  ///   - column: The column of the descriptions, counted from 0.
  ///   - width: The number of columns of the screen.
  func lines(at column: Int, width: Int) -> [String] {
    rows.flatMap { row -> [String] in
      let label = String(repeating: " ", count: Self.indent) + row.label
      let text = Paragraph.wrap(row.text, width: max(width - column, 1))
        .map { String(repeating: " ", count: column) + $0 }
      guard label.count + Self.gap <= column, let first = text.first else { return [label] + text }
      return [Column.left(label, width: column) + first.dropFirst(column)] + text.dropFirst()
    }
  }
}
