// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// The help of the program and of each subcommand, in its two lengths.
struct HelpTests {
  /// The names of the subcommands.
  static let subcommands = Project.manualPages.compactMap {
    $0 == "man/sockkit.1" ? nil : String($0.dropFirst("man/sockkit-".count).dropLast(2))
  }

  /// The lines of a help text, after checks that hold for every one.
  private static func help(_ words: String...) async throws -> [String] {
    let help = try await sockkit(words)
    #expect(help.ending == .exit(0) && help.errors.isEmpty, "\(help)")
    let lines = help.text.components(separatedBy: "\n").dropLast()
    #expect(lines.first?.hasPrefix("Usage: sockkit ") == true)
    for line in lines where !line.hasPrefix("  ") || line.hasPrefix("  -") {
      #expect(line.count <= 80, "wider than 80 columns: \(line)")
    }
    return Array(lines)
  }

  /// The spellings of the option that begins a line.
  private static func spellings(_ line: String) -> Set<String> {
    let label = line.dropFirst(2).components(separatedBy: "  ")[0].components(separatedBy: " <")[0]
    return Set(label.components(separatedBy: ", "))
  }

  /// The first spelling of each option that begins a line.
  private static func options(_ lines: some Sequence<String>) -> [String] {
    lines.filter { $0.hasPrefix("  -") }.map { String($0.dropFirst(2).prefix { $0 != " " && $0 != "," }) }
  }

  @Test(arguments: subcommands)
  func `the short help is one screen`(name: String) async throws {
    let lines = try await Self.help(name, "-h")
    #expect(lines.count <= 24 && lines.allSatisfy { $0.count <= 80 }, "\(lines.joined(separator: "\n"))")
    let examples = try #require(lines.firstIndex(of: "Examples:"))
    #expect(lines[examples...].count { $0.hasPrefix("  ") && $0.contains("sockkit \(name)") } == 2)
    #expect(lines.last == "All options: 'sockkit \(name) --help'; manual: 'man sockkit-\(name)'.")
  }

  @Test(arguments: subcommands)
  func `the long help has everything, with the options used most first`(name: String) async throws {
    let (short, long) = (try await Self.help(name, "-h"), try await Self.help(name, "--help"))
    #expect(try await Self.help("help", name) == long)
    let mostUsed = Self.options(short)
    #expect(Self.options(long).starts(with: mostUsed))
    let all = try #require(await CommandHelp.of(name)).options
    for option in all {
      let row = long.filter { $0.hasPrefix("  -") && Self.spellings($0).isSuperset(of: option.flags) }
      #expect(row.count == 1, "\(option.flags): \(row)")
    }
    let start = try #require(long.firstIndex(of: "Examples:"))
    let examples = long[start...].dropFirst().prefix { $0.hasPrefix("  ") }
    #expect(
      examples.count >= 3
        && examples.starts(with: short.filter { $0.hasPrefix("  ") && examples.contains($0) }))
  }

  @Test func `the list of subcommands is one screen`() async throws {
    let list = try await Self.help("-h")
    #expect(list.count <= 24 && list.allSatisfy { $0.count <= 80 }, "\(list.joined(separator: "\n"))")
    #expect(try await Self.help("help") == list)
    let names = list.filter { $0.hasPrefix("  ") }.flatMap {
      $0.dropFirst(2).components(separatedBy: "  ")[0].components(separatedBy: ", ")
    }
    let frontEnds = Project.frontEndPages.map { String($0.dropFirst("man/sockkit-".count).dropLast(2)) }
    #expect(names.sorted() == (Self.subcommands + frontEnds).sorted())
    let groups = ["Connect and listen:", "Datagrams:", "Servers:", "Look-ups and learning:", "Set-up:"]
    #expect(list.filter { $0.hasSuffix(":") } == groups)
    #expect(
      try await Self.help("--help").filter { $0.hasPrefix("  ") }.starts(
        with: list.filter { $0.hasPrefix("  ") }))
  }

  @Test func `without a subcommand the list is shown on standard error, with status 64`() async throws {
    let list = try await sockkit("help")
    #expect(
      try await sockkit()
        == Finished(.exit(64), errors: list.text + "\nsockkit: no subcommand given\n"))
  }
}
