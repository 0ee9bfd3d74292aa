// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// The documents of the programs that ours stands for.
struct FrontEndDocumentationTests {
  /// The flags in the help of a front end: the first word of each line of the list.
  private static func flags(of name: String) async throws -> Set<String> {
    let help = try await sockkit(name, "-h")
    #expect(help.ending == .exit(0), "\(help)")
    let lines = (help.text + help.errors).split(separator: "\n").map { $0.drop { $0 == " " || $0 == "\t" } }
    return Set(
      lines.filter { $0.hasPrefix("-") }.map { String($0.prefix { $0 != " " && $0 != "\t" && $0 != "," }) })
  }

  private static let names = Project.frontEndPages.map {
    String($0.dropFirst("man/sockkit-".count).dropLast(2))
  }

  @Test(arguments: names)
  func `a manual page has the options of the help, and examples and differences`(name: String) async throws {
    let page = ManualPage(try Project.lines("man/sockkit-\(name).1"))
    let flags = try await Self.flags(of: name)
    #expect(flags.count > 20)
    let documented = page.options.reduce(into: Set<String>()) { $0.formUnion($1.flags) }
    #expect(flags.subtracting(documented) == [])
    for entry in page.options { #expect(!entry.flags.isDisjoint(with: flags), "\(entry.flags)") }
    #expect(page.sections == ManualTests.order.filter(page.sections.contains))
    #expect(page.examples >= 3 && page.sections.contains("CAVEATS"))
  }

  @Test(arguments: names)
  func `the help is shown in three ways`(name: String) async throws {
    let help = try await sockkit(name, "-h")
    let text = help.text + help.errors
    #expect(!text.isEmpty)
    #expect(try await sockkit("help", name).text == text)
    let long = try await sockkit(name, "--help")
    #expect(long.ending == .exit(0) && long.text + long.errors == text, "\(long)")
  }

  @Test(arguments: names)
  func `the options and the name are completed`(name: String) async throws {
    let options = try await sockkit("---complete", name, "-")
    for flag in try await Self.flags(of: name) {
      #expect(options.text.contains("\n\(flag)"), "\(flag): \(options)")
    }
    let subcommands = try await sockkit("---complete", "n")
    #expect(subcommands.text.contains("\n\(name)\t"), "\(subcommands)")
  }
}
