// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Text

/// The advice for a command line that was not understood: what the user may have meant.
package struct UsageAdvice {
  private let words: [String]
  private let commands: [KnownCommand]

  /// Improves the parser's message, as far as more is known about the problem.
  ///
  /// - Parameters:
  ///   - problem: The parser's message.
  ///   - words: The command line, without the program's name.
  ///   - commands: The subcommands, and the program itself under an empty name; called only if they are needed.
  package static func message(
    for problem: String, words: [String], commands: () -> [KnownCommand]
  ) -> String {
    if let program = words.first, otherPrograms.contains(program) {
      // The advice concerns the words after the other program's name.
      let advice = UsageAdvice(words: Array(words.dropFirst()), commands: commands())
      return append(advice.otherAdvice(), to: "no subcommand '\(program)'")
    }
    let line = ParserMessage.reword(problem)
    let option = quoted(in: line, after: "unknown option '")
    if option != nil || line.includes(" too many: ") {
      let advice = UsageAdvice(words: words, commands: commands())
      if advice.subcommand == nil, let word = words.first, !word.hasPrefix("-") || option == nil,
        word != "help"
      {
        return append(advice.wordAdvice(word), to: "no subcommand '\(word)'")
      }
      return append(option.flatMap(advice.advice), to: line)
    }
    return line.hasPrefix("invalid value '") ? append(valueAdvice(line, words), to: line) : line
  }

  /// A problem, and in parentheses what to do about it, if that is known.
  package static func append(_ advice: String?, to problem: String) -> String {
    problem + (advice.map { " (\($0))" } ?? "")
  }

  /// Whether the file name given with `-x` looks like the proxy that `nc` takes with it: as a file name it would be
  /// silently useless.
  package static func isProxy(_ file: String) -> Bool {
    let parts = file.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count > 1, !file.contains("/"), let port = parts.last else { return false }
    return UInt16(port) != nil
  }

  /// The names of other programs that users type out of habit.
  private static let otherPrograms: Set = ["netcat", "socat", "telnet"]

  /// The options of the program itself.
  private var rootOptions: Set<String> { commands.first { $0.name.isEmpty }?.options ?? [] }

  private var subcommand: KnownCommand? { words.first.flatMap { word in commands.first { $0.name == word } } }

  /// The advice for an unknown option.
  private func advice(on option: String) -> String? {
    if let subcommand { return separatorAdvice(option, subcommand) ?? advice(on: option, in: subcommand) }
    return words.first == "help" ? nil : rootAdvice()
  }

  /// The advice for a command line of another program.
  private func otherAdvice() -> String? {
    if let advice = socatAdvice() { return advice }
    if words.contains(where: { $0.hasPrefix("-") && $0 != "-" }) { return rootAdvice() }
    return words.first.flatMap(wordAdvice)
  }

  // MARK: Options

  private func advice(on option: String, in command: KnownCommand) -> String? {
    let letters = option.hasPrefix("--") ? [] : Array(option.dropFirst())
    if letters.count > 1 {
      if command.options.contains("-\(option)") { return Self.meaning("-\(option)") }
      if commands.contains(where: { $0.name == option.dropFirst() }) {
        return Self.meaning("sockkit \(option.dropFirst())")
      }
      // Several options in one word, of which not all are known.
      let unknown = letters.map { "-\($0)" }.first { !command.options.contains($0) }
      return unknown.flatMap { name in advice(on: name, in: command).map { "\(name): \($0)" } }
    }
    if letters.count == 1, let long = longOption(written: letters[0], in: command) {
      return Self.meaning(long)
    }
    if option == "-L", command.name == "forward", let advice = ForeignSpelling.sshAdvice(on: words) {
      return advice
    }
    if let advice = ForeignOption.advice(on: option, in: command.name, among: commands) { return advice }
    if letters.isEmpty, let near = Resemblance.closest(to: option, among: command.options) {
      return Self.meaning(near)
    }
    // A single letter has different meanings in different subcommands.
    guard letters.isEmpty else { return nil }
    let owners = commands.filter { !$0.name.isEmpty && $0.options.contains(option) }.map(\.name)
    guard !owners.isEmpty else { return nil }
    return "it is an option of \(Self.list(owners, "and"))"
  }

  /// The long option that was written with a single dash, and so was parsed as several of one letter.
  private func longOption(written letter: Character, in command: KnownCommand) -> String? {
    words.filter { $0.hasPrefix("-") && !$0.hasPrefix("--") && $0.count > 2 && $0.contains(letter) }
      .map { "-" + $0.prefix { $0 != "=" } }
      .first { command.options.contains($0) }
  }

  /// The advice for an option after the words of an address and one more word: it belongs to a command, and `--` is
  /// missing.
  private func separatorAdvice(_ option: String, _ command: KnownCommand) -> String? {
    let letter = option.hasPrefix("--") ? nil : option.dropFirst().first
    guard command.runsCommand,
      let place = words.indices.dropFirst().first(where: { index in
        let word = words[index]
        return word == option
          || letter.map { !word.hasPrefix("--") && word.hasPrefix("-") && word.contains($0) } ?? false
      }),
      let start = (1..<place).first(where: { index in
        let typed = command.typed(words[1...index])
        return typed.positionals.count > AddressWords.count(in: typed, isBound: command.name == "listen")
      })
    else { return nil }
    let line = suggested(command.name, words[1..<start] + ["--"] + words[start...])
    return Self.commandPlace + (line.map { ": '\($0)'" } ?? "")
  }

  /// The advice for options without a subcommand, which is how `nc` is called.
  private func rootAdvice() -> String? {
    guard let first = words.first else { return nil }
    if rootOptions.contains("-\(first)") { return Self.meaning("-\(first)") }
    if let line = SocatAddress.commandLine(for: words) { return Self.subcommandAdvice(line) }
    if let name = words.first(where: { word in commands.contains { $0.name == word && !word.isEmpty } }) {
      return suggestion(name, words.filter { $0 != name })
    }
    if words.count == 1, ["-v", "-V"].contains(first) { return Self.meaning("--version") }
    let line = NetcatCommandLine(words)
    if line.isTelling { return suggestion(line.subcommand, line.words) }
    return first.hasPrefix("--") ? Resemblance.closest(to: first, among: rootOptions).map(Self.meaning) : nil
  }

  // MARK: Words and values

  private func wordAdvice(_ word: String) -> String? {
    let names = commands.map(\.name).filter { !$0.isEmpty }
    let beginning = names.filter { word.count > 2 && $0.hasPrefix(word) }.sorted()
    if beginning.count > 1 { return "did you mean \(Self.list(beginning, "or"))?" }
    if SocatAddress(word) != nil { return socatAdvice() }
    if let url = URLAddress(word) { return url.advice(in: nil) }
    if rootOptions.contains("--\(word)") { return Self.meaning("--\(word)") }
    if let near = Self.purposes[word] ?? Resemblance.closest(to: word.lowercased(), among: names) {
      return Self.meaning(near)
    }
    if let advice = socatAdvice() { return advice }
    if words.count == 1, UInt16(word) != nil { return suggestion("listen", words) }
    let isAddress = word.contains(".") || word.contains(":") || word == "localhost"
    return isAddress || words.count == 2 && UInt16(words[1]) != nil ? suggestion("connect", words) : nil
  }

  /// The subcommands for what other programs, or people, call by another name.
  private static let purposes = [
    "serve": "http-server", "web": "http-server", "scan": "connect -z",
    "check": "connect -z", "lookup": "resolve", "dns": "resolve", "relay": "forward",
  ]

  private static func valueAdvice(_ line: String, _ words: [String]) -> String? {
    switch quoted(in: line, after: "' for ", until: ":") {
    case "-d": "to ignore standard input, use '--recv-only'"
    case "-q" where words.contains("-1") || words.contains("-q-1"):
      "without -q it waits without a limit"
    default: nil
    }
  }

  // MARK: Wording

  /// The command line for addresses of `socat`, if there are any.
  private func socatAdvice() -> String? {
    if let line = SocatAddress.commandLine(for: words) { return Self.subcommandAdvice(line) }
    return SocatAddress.mostTelling(of: words)?.address.advice
  }

  /// The advice for the words of a command among those of an address.
  package static let commandPlace = "a command goes after '--'"

  private static func subcommandAdvice(_ line: String) -> String {
    "where socat has addresses, sockkit has subcommands: '\(line)'"
  }

  /// A question about the likely meaning.
  static func meaning(_ text: String) -> String { "did you mean '\(text)'?" }

  /// The suggested command line, without its arguments if they cannot be shown.
  private func suggestion(_ name: String, _ words: [String]) -> String {
    Self.meaning(suggested(name, words) ?? "sockkit \(name)")
  }

  /// A command line, if the subcommand accepts it, and it can be shown without quotes.
  private func suggested(_ name: String, _ words: some Collection<String>) -> String? {
    let isPlain = words.allSatisfy { word in
      !word.isEmpty && word.utf8.allSatisfy { $0.isLetter || $0.isDigit || "-._:,/@%=+[]".utf8.contains($0) }
    }
    guard isPlain, commands.contains(where: { $0.name == name && $0.takes(Array(words)) }) else { return nil }
    return (["sockkit", name] + words).joined(separator: " ")
  }

  /// Up to three names in quotes: `'listen', 'forward' and others`.
  private static func list(_ names: [String], _ conjunction: String) -> String {
    let quoted = names.map { "'\($0)'" }
    if quoted.count > 3 { return quoted.prefix(3).joined(separator: ", ") + " \(conjunction) others" }
    guard let last = quoted.last, quoted.count > 1 else { return quoted.joined() }
    return quoted.dropLast().joined(separator: ", ") + " \(conjunction) \(last)"
  }

  /// The text that follows another, up to the closing quote or another character.
  private static func quoted(in line: String, after start: String, until end: Character = "'") -> String? {
    guard let index = line.indices.first(where: { line[$0...].hasPrefix(start) }) else { return nil }
    return String(line[index...].dropFirst(start.count).prefix { $0 != end })
  }
}
