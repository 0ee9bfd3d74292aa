// SPDX-License-Identifier: GPL-3.0-or-later

/// Converts the argument parser's messages to the form of the program's own messages.
enum ParserMessage {
  /// Converts one message of the parser; any other text is unchanged.
  static func reword(_ message: String) -> String {
    // If several short options are in one word, the parser appends a second guess.
    let message = cut(message, at: "\n   or: ")?.before ?? message
    if let rest = dropping("Unknown option '", from: message), let option = cut(rest, at: "'")?.before {
      return "unknown option '\(option)'"
    }
    if let rest = dropping("Missing value for '", from: message) {
      return "\(option(in: rest)) needs a value"
    }
    if let rest = dropping("The value '", from: message), let parts = cut(rest, at: "' is invalid for '") {
      return invalidValue(parts.before, parts.after)
    }
    if let rest = dropping("The option '", from: message),
      let parts = cut(rest, at: "' does not take any value")
    {
      return "\(parts.before) takes no value"
    }
    if let rest = dropping("Unexpected argument ", from: message) { return "one word too many: \(rest)" }
    if let parts = cut(message, at: " unexpected arguments: "), Int(parts.before) != nil {
      return "\(parts.before) words too many: \(parts.after)"
    }
    if let rest = dropping("Missing expected argument '", from: message) {
      return "\(option(in: rest)) is missing"
    }
    if let rest = dropping("Can't generate completion scripts for '", from: message),
      let shell = cut(rest, at: "'.\n")?.before
    {
      return "no completion script for '\(shell)': expected bash, zsh or fish"
    }
    return message
  }

  /// Converts `VALUE' is invalid for 'PLACE': expected …`, or the form with a list of the valid values.
  private static func invalidValue(_ value: String, _ rest: String) -> String {
    let (place, reason) = cut(rest, at: "'") ?? (rest, "")
    let start = "invalid value '\(value)' for \(option(in: place))"
    guard let list = dropping(". Please provide one of ", from: reason) else { return start + reason }
    let values = list.hasSuffix(".") ? String(list.dropLast()) : list
    let (last, others) = (cut(values, at: " and ")?.after, cut(values, at: " and ")?.before)
    return "\(start): expected " + (last.flatMap { last in others.map { "\($0) or \(last)" } } ?? values)
  }

  /// The option in `-w <duration>`, or the name of an argument, `NAME` for `<name>`.
  private static func option(in synopsis: String) -> String {
    let word = synopsis.prefix { $0 != "'" && $0 != " " }
    guard word.hasPrefix("<") else { return String(word) }
    return word.filter { $0 != "<" && $0 != ">" }.uppercased()
  }

  private static func dropping(_ start: String, from text: String) -> String? {
    text.hasPrefix(start) ? String(text.dropFirst(start.count)) : nil
  }

  private static func cut(_ text: String, at separator: String) -> (before: String, after: String)? {
    guard let index = text.indices.first(where: { text[$0...].hasPrefix(separator) }) else { return nil }
    return (String(text[..<index]), String(text[index...].dropFirst(separator.count)))
  }
}
