// SPDX-License-Identifier: GPL-3.0-or-later

import Sessions
import Text

/// Findings as text for people: a paragraph each, with a mark where something is limited.
struct FindingList {
  private let findings: [Finding]
  private static let column = 18
  private static let width = 80

  /// Creates a list of findings.
  init(_ findings: [Finding]) { self.findings = findings }

  /// The lines of all findings, and their sum.
  var lines: [String] {
    let limits = findings.count { $0.limit != nil }
    let sum = limits == 0 ? "Nothing is limited." : "\(limits) of \(findings.count) checks found a limit (!)."
    return findings.flatMap(Self.lines) + ["", sum]
  }

  private static func lines(_ finding: Finding) -> [String] {
    let mark = finding.limit == nil ? " " : "!"
    var lines = paragraph(finding.value, behind: "\(mark) \(finding.check.title)")
    guard let limit = finding.limit else { return lines }
    lines += paragraph(limit.effect, behind: "    limits:")
    for (index, change) in limit.changes.enumerated() {
      lines += paragraph(change, behind: index == 0 ? "    change:" : "    or:")
    }
    return lines
  }

  private static func paragraph(_ text: String, behind heading: String) -> [String] {
    Paragraph.wrap(TerminalSafe.escape(text), width: width - column).enumerated().map { index, line in
      Column.left(index == 0 ? heading : "", width: column) + line
    }
  }
}
