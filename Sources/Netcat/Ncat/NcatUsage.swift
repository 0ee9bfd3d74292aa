// SPDX-License-Identifier: GPL-3.0-or-later

/// The help and the version of `ncat`.
package enum NcatUsage {
  /// The newest release of the original whose behaviour is followed.
  package static let version = "7.99"

  /// The answer to `--version`, with which the reports of `-v` begin, too.
  package static let versionLine = "Ncat: Version \(version) ( https://nmap.org/ncat )"

  /// What follows an option that does not exist.
  package static let advice = "Try `--help' or man(1) ncat for more information, usage options and help."

  /// The answer to `--help`, which begins as scripts expect that of the original.
  package static let help =
    [
      "Ncat \(version) ( https://nmap.org/ncat )",
      "Usage: ncat [options] [hostname] [port]",
      "",
      "As part of sockkit. Times are in seconds; 'ms', 's', 'm' or 'h' behind a number",
      "stand for milliseconds, seconds, minutes or hours (e.g. 500ms).",
    ] + NcatOption.all.compactMap(line) + ["", "See sockkit-ncat(1) for all about the options, and examples"]

  private static func line(of option: NcatOption) -> String? {
    guard let summary = option.summary else { return nil }
    let letter = option.syntax.letter.map { "-\($0)" }
    let long = option.syntax.long.map { "--\($0)" }
    var name = letter ?? "  "
    if let long { name += (letter == nil ? "  " : ", ") + long }
    if let value = option.value { name += " \(value)" }
    return "  \(name)\(String(repeating: " ", count: max(2, width - name.count)))\(summary)"
  }

  private static let width = 29
}
