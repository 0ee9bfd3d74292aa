// SPDX-License-Identifier: GPL-3.0-or-later

/// A manual page in mdoc, as far as tests examine it.
struct ManualPage {
  /// A page's entry for one option.
  struct Entry {
    /// The flags as they are typed.
    let flags: Set<String>
    /// The name of its value; `nil` for a flag.
    let value: String?
    /// The heading above it.
    let group: String
    /// The text below, without macros.
    var text: String
  }

  /// The sections in order.
  private(set) var sections: [String] = []
  /// The entries of OPTIONS in order.
  private(set) var options: [Entry] = []
  /// The literal displays of EXAMPLES.
  private(set) var examples = 0

  /// Reads a page.
  init(_ lines: [String]) {
    var group = ""
    for line in lines {
      if line.hasPrefix(".Sh ") {
        sections.append(String(line.dropFirst(4)))
      } else if sections.last == "EXAMPLES", line.hasPrefix(".Bd -literal") {
        examples += 1
      } else if sections.last == "OPTIONS" {
        if line.hasPrefix(".Ss ") {
          group = String(line.dropFirst(4))
        } else if line.hasPrefix(".It Fl ") {
          options.append(Self.entry(line.dropFirst(4), in: group))
        } else if !options.isEmpty, !line.hasPrefix(".\\\"") {
          options[options.count - 1].text += Self.plain(line) + " "
        }
      }
    }
  }

  private static func entry(_ heading: Substring, in group: String) -> Entry {
    var flags: Set<String> = []
    var value: String?
    for alternative in heading.split(separator: " , ") {
      let parts = alternative.split(separator: " Ar ", maxSplits: 1)
      flags.insert("-" + parts[0].dropFirst(3))
      if parts.count > 1 { value = String(parts[1]) }
    }
    return Entry(flags: flags, value: value, group: group, text: "")
  }

  /// A line as displayed: without macros and escapes.
  private static func plain(_ line: String) -> String {
    let text = line.hasPrefix(".") ? line.replacing(/^\.[A-Z][a-z] ?/, with: "") : line
    return text.replacing(/\b(Ar|Cm|Ql|Dq|Pa|Ev|Li|Em|Sy|Pq|Nm)\s/, with: "")
      .replacing("\\&", with: "").replacing("\\-", with: "-")
  }
}
