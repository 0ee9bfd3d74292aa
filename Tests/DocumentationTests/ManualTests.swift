// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// The manual matches the binary.
struct ManualTests {
  static let order = [
    "NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "ENVIRONMENT", "FILES", "EXIT STATUS", "EXAMPLES",
    "SEE ALSO", "STANDARDS", "CAVEATS",
  ]

  @Test func `every subcommand has a page, and every page a subcommand`() async throws {
    let subcommands = try await CommandHelp.all().subcommands ?? []
    let pages = subcommands.map(\.commandName).filter { $0 != "help" }.map { "man/sockkit-\($0).1" }
    #expect(Project.manualPages == (pages + ["man/sockkit.1"]).sorted())
  }

  @Test(arguments: Project.manualPages)
  func `a page has its sections in order, and examples`(name: String) throws {
    let page = ManualPage(try Project.lines(name))
    #expect(page.sections == Self.order.filter(page.sections.contains))
    for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "EXAMPLES", "SEE ALSO"] {
      #expect(page.sections.contains(section))
    }
    #expect(page.examples >= 3)
  }

  @Test(arguments: Project.manualPages)
  func `a page has the options of the help, with their values and defaults`(name: String) async throws {
    let page = ManualPage(try Project.lines(name))
    let help = try await name == "man/sockkit.1" ? .all() : CommandHelp.of(Self.subcommand(of: name))
    let options = try #require(help).options
    #expect(Set(page.options.map(\.flags)) == Set(options.map(\.flags)))
    #expect(page.options.count == options.count)
    for option in options {
      let entry = try #require(page.options.first { $0.flags == option.flags })
      #expect(entry.value == (option.kind == "option" ? option.valueName : nil), "\(option.flags)")
      if name != "man/sockkit.1" {
        #expect(entry.group == option.sectionTitle ?? "General", "\(option.flags)")
      }
      for value in option.defaults {
        #expect(entry.text.contains("default"), "\(option.flags): \(entry.text)")
        #expect(entry.text.contains(value), "\(option.flags): \(entry.text)")
      }
    }
  }

  @Test(arguments: ["connect", "listen", "forward"])
  func `values are written as they are everywhere`(name: String) throws {
    let values = try ["sockkit-\(name)", "sockkit"].map { page in
      let lines = try Project.lines("man/\(page).1")
      let start = try #require(lines.firstIndex(of: "A duration is written"))
      return lines[start...].prefix { !$0.hasPrefix(".S") }
    }
    #expect(values[0] == values[1])
  }

  /// Options without a group: a group for a single option would slow down each start of its subcommand by several per
  /// cent.
  private static let ungrouped = [
    "connect": ["-F", "--pass-descriptor", "--grace"], "calc": ["--no-history"],
  ]

  @Test func `only what every subcommand has, or is alone, is in no group of the help`() async throws {
    for subcommand in try await CommandHelp.all().subcommands ?? [] where subcommand.commandName != "help" {
      let name = subcommand.commandName
      let others = subcommand.options.filter { $0.sectionTitle == nil }.flatMap(\.flags)
      let wanted = ["--version", "-h", "--help"] + Self.ungrouped[name, default: []]
      #expect(Set(others) == Set(wanted), "\(name)")
    }
  }

  /// The groups of the options that each page about a topic explains.
  private static let groups = [
    "proxies": [".Ss Proxies", ".Ss PROXY protocol"], "systemd": [".Ss Listening"], "tls": [".Ss TLS"],
  ]

  @Test(arguments: Project.topicPages)
  func `a page about a topic is in order, and the pages with its options refer to it`(
    name: String
  ) throws {
    let page = ManualPage(try Project.lines(name))
    #expect(page.sections == Self.order.filter(page.sections.contains))
    #expect(page.examples >= 3)
    let groups = try #require(Self.groups[String(name.dropFirst("man/sockkit-".count).dropLast(2))])
    let reference = ".Xr " + name.dropFirst("man/".count).dropLast(2) + " 7"
    for subcommand in Project.manualPages {
      let lines = try Project.lines(subcommand)
      let hasOptions = lines.contains(where: groups.contains) || subcommand == "man/sockkit.1"
      #expect(lines.contains { $0.hasPrefix(reference) } == hasOptions, "\(subcommand)")
    }
  }

  @Test(arguments: Project.manualPages + Project.frontEndPages + Project.topicPages)
  func `mandoc has nothing to say of a page`(name: String) async throws {
    let program = try Program.other(
      "mandoc", package: "mandoc", ["-T", "lint", "-W", "style", Project.path(name)])
    let linted = try await RunningProgram(program, input: .file("/dev/null")).finished()
    // The other pages installed depend on the machine.
    let remarks = linted.text.split(separator: "\n").filter { !$0.contains("referenced manual not found") }
    #expect(remarks == [])
  }

  @Test(arguments: Project.manualPages + Project.frontEndPages + Project.topicPages, ManualFormatter.allCases)
  func `a page is readable as it is shown`(name: String, formatter: ManualFormatter) async throws {
    let page = try await formatter.text(of: name)
    #expect(page.hasPrefix("SOCKKIT"))
    #expect(!page.contains("BSD General Commands Manual") && !page.contains("BSD Miscellaneous"))
    #expect(page.split(separator: "\n").last?.hasPrefix("Linux ") == true)
    for line in page.split(separator: "\n") {
      #expect(!line.contains("’’") && !line.contains("‘‘"), "nested quotes: \(line)")
      #expect(line.count <= 80 || line.hasPrefix("  "), "wider than 80 columns: \(line)")
    }
    for paragraph in page.split(separator: "\n\n") {
      // A quote is closed before another begins; an apostrophe is not a quote.
      let quotes = paragraph.filter { $0 == "‘" || $0 == "’" }
      #expect(quotes == String(repeating: "‘’", count: quotes.count / 2), "unbalanced quotes: \(paragraph)")
    }
  }

  private static func subcommand(of page: String) -> String {
    String(page.dropFirst("man/sockkit-".count).dropLast(2))
  }
}
