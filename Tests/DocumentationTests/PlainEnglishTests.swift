// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// The documents and the messages are in plain technical English.
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
    + Project.documents + Project.manualPages + Project.frontEndPages + Project.topicPages

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

  /// Turns of phrase that a message must not have either: a thing that "is none", an option that is "about" another.
  static let messagePatterns =
    patterns + [
      #"\b(is|are|has|serves) none\b"#,
      #"\band needs? (it|-)"#,
      #"\bis no (port|address|range|host|path|file|directory|option|terminal)\b"#,
    ]

  /// Words of another program's messages, which scripts match.
  private static let quoted = [#""nobody""#]

  @Test(arguments: Project.sources)
  func `a message has none of the worst phrases`(source: String) throws {
    let patterns = try Self.messagePatterns.map { try Regex($0).ignoresCase() }
    for (number, text) in try Self.literals(of: Project.lines(source))
    where !Self.quoted.contains(where: text.contains) {
      for pattern in patterns {
        let found = text.firstMatch(of: pattern).map { text[$0.range] }
        #expect(found == nil, "\(source):\(number): «\(found ?? "")» in: \(text)")
      }
    }
  }

  /// What lines of Swift have in string literals, with the numbers of the lines.
  private static func literals(of lines: [String]) -> [(number: Int, text: Substring)] {
    var isText = false
    return lines.enumerated().compactMap { index, line in
      if line.contains("\"\"\"") {
        isText.toggle()
        return nil
      }
      if isText { return (index + 1, line[...]) }
      // Code between two literals of a line is checked with them.
      let code = line.drop { $0 == " " }
      guard !code.hasPrefix("//"), let start = code.firstIndex(of: "\""),
        let end = code.lastIndex(of: "\"")
      else { return nil }
      return (index + 1, code[start...end])
    }
  }
}
