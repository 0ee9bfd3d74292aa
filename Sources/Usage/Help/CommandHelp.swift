// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// The help of a subcommand, in two lengths.
package struct CommandHelp: Equatable, Sendable {
  /// An option, a flag or a positional argument.
  package struct Argument: Equatable, Sendable {
    /// The names as they are typed, `-v` and `--verbose`; empty for a positional argument.
    package let spellings: [String]
    /// The name of its value; `nil` for a flag.
    package let valueName: String?
    /// A short sentence about it.
    package let summary: String
    /// What else there is to know.
    package let details: String
    /// The heading that it belongs under; `nil` for what every subcommand has.
    package let group: String?

    /// Describes an argument.
    package init(
      _ spellings: [String], value valueName: String? = nil, _ summary: String, details: String = "",
      group: String? = nil
    ) {
      self.spellings = spellings
      self.valueName = valueName
      self.summary = summary
      self.details = details
      self.group = group
    }

    /// The names with the value: `-w, --connect-timeout <duration>`.
    var label: String {
      [spellings.joined(separator: ", "), valueName.map { "<\($0)>" } ?? ""].filter { !$0.isEmpty }
        .joined(separator: " ")
    }
  }

  /// The name of the subcommand.
  package let name: String
  /// A sentence about the subcommand.
  package let abstract: String
  /// The forms of its command line.
  package let usage: String
  /// What else there is to know about the subcommand; empty for nothing.
  package let notes: String
  /// Command lines, those to show first at the start.
  package let examples: [String]
  /// The positional arguments.
  package let positionals: [Argument]
  /// The options and flags, those of a group in succession.
  package let options: [Argument]
  /// The options that are used most.
  package let mostUsed: [Argument]

  /// Describes a subcommand.
  ///
  /// - Parameters:
  ///   - discussion: The notes, then the line `Examples:` and the examples.
  ///   - mostUsed: A spelling of each of the options used most, those used most first.
  package init(
    _ name: String, _ abstract: String, usage: String, discussion: String, _ arguments: [Argument],
    mostUsed: [String]
  ) {
    self.name = name
    self.abstract = abstract
    self.usage = usage
    let lines = discussion.split(separator: "\n", omittingEmptySubsequences: false)
    let end = lines.firstIndex(of: "Examples:") ?? lines.endIndex
    notes = lines[..<end].joined(separator: " ")
    examples = lines[end...].dropFirst().map { String($0.drop { $0 == " " }) }
    positionals = arguments.filter(\.spellings.isEmpty)
    let options = arguments.filter { !$0.spellings.isEmpty }
    self.options = options
    self.mostUsed = mostUsed.compactMap { name in options.first { $0.spellings.contains(name) } }
  }

  /// The help that fits on one screen: the usage, the options used most, two examples, and where the rest is.
  ///
  /// - Parameter width: The number of columns of the screen.
  package func summary(width: Int) -> [String] {
    let table = HelpTable(mostUsed.map { ($0.label, $0.summary) })
    let options = table.lines(at: min(table.fittingColumn, width / 2), width: width)
    return introduction(width) + (options.isEmpty ? [] : [""] + options)
      + ["", "Examples:"] + examples.prefix(2).map { "  \($0)" }
      + ["", "All options: 'sockkit \(name) --help'; manual: 'man sockkit-\(name)'."]
  }

  /// The complete help: what `summary` has, then all other options by their groups.
  ///
  /// - Parameter width: The number of columns of the screen.
  package func complete(width: Int) -> [String] {
    var sections = [introduction(width)]
    if !notes.isEmpty { sections.append(Paragraph.wrap(notes, width: width)) }
    sections.append(["Examples:"] + examples.map { "  \($0)" })
    sections.append(section("Arguments", positionals, width))
    sections.append(section("Options used most", mostUsed, width))
    let others = options.filter { !mostUsed.contains($0) }
    for group in others.compactMap(\.group).reduce(
      into: [String](), { if !$0.contains($1) { $0.append($1) } })
    {
      sections.append(section(group, others.filter { $0.group == group }, width))
    }
    sections.append(section("General", others.filter { $0.group == nil }, width))
    return Array(sections.filter { !$0.isEmpty }.joined(separator: [""]))
  }

  private func introduction(_ width: Int) -> [String] {
    ProgramHelp.usage(usage, width: width) + [""] + Paragraph.wrap(abstract, width: width)
  }

  private func section(_ title: String, _ arguments: [Argument], _ width: Int) -> [String] {
    guard !arguments.isEmpty else { return [] }
    let rows = Self.merged(arguments).map { argument in
      (argument.label, [argument.summary, argument.details].filter { !$0.isEmpty }.joined(separator: " "))
    }
    return ["\(title):"] + HelpTable(rows).lines(at: Self.column, width: width)
  }

  /// Shows the two flags of a choice, `--multicast-loop` and `--no-multicast-loop`, as one.
  private static func merged(_ arguments: [Argument]) -> [Argument] {
    arguments.reduce(into: []) { rows, argument in
      guard let last = rows.last, last.valueName == nil, argument.valueName == nil,
        argument.spellings == last.spellings.map({ "--no-" + $0.dropFirst(2) })
      else {
        return rows.append(argument)
      }
      rows[rows.count - 1] = Argument(
        last.spellings + argument.spellings, last.summary, details: last.details, group: last.group)
    }
  }

  /// The column of the descriptions in the complete help.
  private static let column = 26
}
