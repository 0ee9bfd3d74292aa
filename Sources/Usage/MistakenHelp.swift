// SPDX-License-Identifier: GPL-3.0-or-later

/// Requests for help that would show other help than was meant, or help for a nonexistent topic.
package enum MistakenHelp {
  /// The words before a lone `help` that do not make it a request for help: it is what they are about.
  private static let asking: Set = ["help", "-h", "--help", "resolve", "getserv"]

  /// Moves a subcommand after `-h` or `--help` to where the parser expects it, `connect -h`, and replaces the word in
  /// `connect help`.
  package static func arrange(_ words: [String]) -> [String] {
    if words.count == 2, words[1] == "help", !asking.contains(words[0]) { return [words[0], "--help"] }
    guard words.count > 1, ["-h", "--help"].contains(words[0]), !words[1].hasPrefix("-") else { return words }
    return [words[1], words[0]] + words.dropFirst(2)
  }

  /// The error if the subcommand is unknown; `nil` if the help can be printed.
  ///
  /// - Parameters:
  ///   - words: The command line, arranged, without the program's name.
  ///   - isAnswered: Whether the parser shows help or a version, rather than an error.
  ///   - subcommands: The names of the subcommands.
  ///   - commands: The subcommands with their options; called only if they are needed.
  package static func message(
    for words: [String], isAnswered: Bool, subcommands: [String], commands: () -> [KnownCommand]
  ) -> String? {
    guard let first = words.first else { return nil }
    if first == "help" {
      let topics = words.dropFirst().filter { !$0.hasPrefix("-") }
      guard let topic = topics.first else { return nil }
      if topic != "help", !subcommands.contains(topic) { return unknown(topic, commands) }
      return topics.count > 1 ? "one word too many: '\(topics[1])' (help is about one subcommand)" : nil
    }
    if isAnswered, !first.hasPrefix("-"), !subcommands.contains(first) { return unknown(first, commands) }
    return first == "http-server" ? directoryMessage(words) : nil
  }

  private static func unknown(_ word: String, _ commands: () -> [KnownCommand]) -> String {
    UsageAdvice.message(for: "Unexpected argument '\(word)'", words: [word], commands: commands)
  }

  /// The message for `-h DIR`, the option of `busybox httpd` for the directory to serve.
  ///
  /// If a port or an address follows, `-h` is a request for help.
  private static func directoryMessage(_ words: [String]) -> String? {
    guard let index = words.firstIndex(of: "-h"), index + 1 < words.count else { return nil }
    let word = words[index + 1]
    guard !word.hasPrefix("-"), !word.contains(":"), UInt16(word) == nil else { return nil }
    return "-h asks for help (the directory is an argument after the port: 'sockkit http-server 8080 DIR')"
  }
}
