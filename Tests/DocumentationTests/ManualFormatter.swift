// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// A program that formats manual pages.
enum ManualFormatter: String, CaseIterable, CustomTestStringConvertible {
  case mandoc, groff

  var testDescription: String { rawValue }

  /// A page as shown on a terminal of 80 columns, without bold and underlined letters.
  func text(of name: String) async throws -> String {
    let options =
      switch self {
      case .mandoc: ["-T", "utf8"]
      // Without SGR the letters are overstruck, as `mandoc` does.
      case .groff: ["-P", "-c", "-w", "w", "-m", "mdoc", "-T", "utf8"]
      }
    let program = try Program.other(rawValue, package: rawValue, options + [Project.path(name)])
    let shown = try await RunningProgram(program, input: .file("/dev/null")).finished()
    #expect(shown.ending == .exit(0) && shown.errors == "", "\(shown)")
    return shown.text.replacing(/.\x08/, with: "")
  }
}
