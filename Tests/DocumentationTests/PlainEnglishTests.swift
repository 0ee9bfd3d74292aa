// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// The documents are in plain technical English.
struct PlainEnglishTests {
  /// Words that speak of programs and peers as if they were people, and turns of phrase that no manual uses.
  static let patterns = [
    #"\b(nobody|somebody|everybody|whoever|whom|he|him|his|himself|she|her)\b"#,
    #"\bwho (is|are|was|serves|comes|sends|refuses|connects)\b"#,
    #"\b(told of|lets? go of|made safe|befalls?|taken for|is told)\b"#,
    #"\b(in place of|anew|for ever|likewise)\b"#,
    #"\b(one|an object|a network|a datagram) a (line|client|datagram|port)\b"#,
    #"\b(look|looks|looked) (a |the )?(host )?(names?|services?|addresses) up\b"#,
  ]

  static let documents =
    ["SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md", "bench/README.md", "examples/systemd/README.md"]
    + Project.documents + Project.manualPages

  @Test(arguments: documents)
  func `a document has none of the worst phrases`(document: String) throws {
    let patterns = try Self.patterns.map { try Regex($0).ignoresCase() }
    var isDisplay = false
    for (number, line) in try Project.lines(document).enumerated() {
      // Displays quote the program.
      if line.hasPrefix("```") {
        isDisplay.toggle()
      } else if line.hasPrefix(".Bd") {
        isDisplay = true
      } else if line.hasPrefix(".Ed") {
        isDisplay = false
      } else if !isDisplay {
        for pattern in patterns {
          let found = line.firstMatch(of: pattern).map { line[$0.range] }
          #expect(found == nil, "\(document):\(number + 1): «\(found ?? "")» in: \(line)")
        }
      }
    }
  }
}
