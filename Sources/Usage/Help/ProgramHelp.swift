// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// The help of the program: its subcommands in groups.
package struct ProgramHelp: Equatable, Sendable {
  /// Subcommands of one kind.
  package struct Group: Equatable, Sendable {
    let title: String
    let commands: [Command]

    /// Names a group.
    package init(_ title: String, _ commands: [Command]) {
      self.title = title
      self.commands = commands
    }
  }

  /// A subcommand in the list.
  package struct Command: Equatable, Sendable {
    let name: String
    let abstract: String

    /// Names a subcommand, with a sentence about it.
    package init(_ name: String, _ abstract: String) {
      self.name = name
      self.abstract = abstract
    }
  }

  private let abstract: String
  private let examples: [String]
  private let options: [CommandHelp.Argument]
  private let groups: [Group]

  /// Describes the program.
  package init(_ abstract: String, _ groups: [Group], options: [CommandHelp.Argument], examples: [String]) {
    self.abstract = abstract
    self.groups = groups
    self.options = options
    self.examples = examples
  }

  /// The list of the subcommands, which fits on one screen.
  ///
  /// - Parameter width: The number of columns of the screen.
  package func list(width: Int) -> [String] {
    usage(width) + [""] + grouped(width, separated: false)
      + ["'sockkit SUBCOMMAND -h' shows the options used most, --help shows everything."]
  }

  /// The complete help: the list, and the options and examples of the program.
  ///
  /// - Parameter width: The number of columns of the screen.
  package func complete(width: Int) -> [String] {
    let table = HelpTable(options.map { ($0.label, $0.summary) })
    return usage(width) + [""] + Paragraph.wrap(abstract, width: width) + [""]
      + grouped(width, separated: true)
      + ["", "Options:"] + table.lines(at: table.fittingColumn, width: width)
      + ["", "Examples:"] + examples.map { "  \($0)" }
      + [
        "", "'sockkit SUBCOMMAND -h' shows the options used most of a subcommand,",
        "'sockkit help SUBCOMMAND' everything, and 'man sockkit' explains it.",
      ]
  }

  private func usage(_ width: Int) -> [String] {
    Self.usage("sockkit SUBCOMMAND [<options>] [ARGUMENT ...]", width: width)
  }

  private func grouped(_ width: Int, separated: Bool) -> [String] {
    let column = HelpTable(groups.flatMap(\.commands).map { ($0.name, "") }).fittingColumn
    let sections = groups.map { group in
      ["\(group.title):"]
        + HelpTable(group.commands.map { ($0.name, $0.abstract) }).lines(at: column, width: width)
    }
    return Array(sections.joined(separator: separated ? [""] : []))
  }

  /// The line that begins with `Usage:`, continued below its first word.
  static func usage(_ text: String, width: Int) -> [String] {
    let start = "Usage: "
    return Paragraph.wrap(text, width: width - start.count).enumerated().map { index, line in
      (index == 0 ? start : String(repeating: " ", count: start.count)) + line
    }
  }
}
