// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Sessions

/// Reports what this system limits.
struct Doctor: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Report what this system limits, and how to change it.",
    usage: "sockkit doctor [<options>]",
    discussion: """
      Checks IPv4 and IPv6, the resolver, the limits of descriptors, buffers and ports, the terminal and the locale, and \
      the versions of the kernel, Landlock and OpenSSL. Nothing is sent, and nothing is changed. The status is 0, \
      whatever is found.

      Examples:
        sockkit doctor
        sockkit doctor --json
        sockkit doctor --json | grep '"limits"'
      """)

  static let mostUsed = ["--json", "--trace"]

  @OptionGroup(title: "Output") var output: DoctorOutputOptions
  @OptionGroup(title: "Reporting") var reporting: LookupReportingOptions

  /// Checks the system and prints what was found.
  func run() throws {
    try Sandbox.begin(SandboxNeeds(), reporting.configureReporter()).report()
    let findings = Diagnosis(of: .current).findings
    let lines =
      output.json ? findings.map { JSONLine.encode(FindingRecord($0)) } : FindingList(findings).lines
    StandardOutput.print(lines.joined(separator: "\n"))
  }
}

/// How findings are printed.
struct DoctorOutputOptions: ParsableArguments {
  @Flag(
    help: ArgumentHelp(
      "Print one JSON object per check.",
      discussion: "It has check, value, and where they apply number, limits and changes.")
  )
  var json = false
}
