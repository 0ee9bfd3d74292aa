// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Sessions

extension Sandbox.Mode: ExpressibleByArgument {}

extension Reporter.Format: ExpressibleByArgument {}

/// What is reported on standard error.
struct ReportingOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Report connection events on standard error.")
  var verbose = false

  @OptionGroup var log: LogOptions

  /// Sets up the program's reporter.
  ///
  /// - Parameter isJSON: Whether another option requests JSON.
  func configureReporter(isJSON: Bool = false) -> Reporter {
    log.configureReporter(isVerbose: verbose, isJSON: isJSON)
  }
}

/// What is reported on standard error by a command that only looks something up.
struct LookupReportingOptions: ParsableArguments {
  @Flag(
    name: .shortAndLong,
    help: "Report what the sandbox takes away; failures are always reported on standard error.")
  var verbose = false

  @OptionGroup var log: LogOptions

  /// Sets up the program's reporter.
  func configureReporter() -> Reporter { log.configureReporter(isVerbose: verbose) }
}

/// What is reported on standard error by an experiment.
struct ExperimentReportingOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Report the buffer sizes that the kernel set on standard error.")
  var verbose = false

  @OptionGroup var log: LogOptions

  /// Sets up the program's reporter.
  func configureReporter() -> Reporter { log.configureReporter(isVerbose: verbose) }
}

/// How events are written, whether system calls are traced, and what the process may do.
struct LogOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Write events as text or as JSON Lines (default: text).", valueName: "text|json"))
  var logFormat = Reporter.Format.text

  @Flag(help: "Show the socket calls on standard error.")
  var trace = false

  @Option(
    help: ArgumentHelp(
      "Take away from the process what it does not need (default: on).",
      discussion: "With require, fail if the kernel cannot take away all of it.", valueName: "on|off|require")
  )
  var sandbox = Sandbox.Mode.on

  @Flag(help: "Leave the process all its rights, like --sandbox off.")
  var noSandbox = false

  @Option(
    help: ArgumentHelp(
      "Colour messages, labels and dumps (default: auto).",
      discussion: "With auto, only on a terminal, and not if NO_COLOR is set.", valueName: "auto|always|never"
    ))
  var color = ColorChoice.auto

  /// Rejects options that exclude each other.
  func validate() throws {
    if noSandbox, sandbox == .required {
      throw ValidationError("--no-sandbox and --sandbox=require exclude each other")
    }
  }

  /// Whether a command line that could not be parsed requests JSON.
  static func isJSON(in words: [String]) -> Bool {
    words.contains("--log-format=json")
      || zip(words, words.dropFirst()).contains { $0 == "--log-format" && $1 == "json" }
  }

  /// Sets up the program's reporter.
  ///
  /// - Parameter isJSON: Whether another option requests JSON.
  func configureReporter(isVerbose: Bool, isJSON: Bool = false) -> Reporter {
    Sandbox.choose(noSandbox ? .off : sandbox)
    Reporter.current.configure(
      isVerbose: isVerbose, isTracing: trace, format: isJSON ? .json : logFormat, color)
    return Reporter.current
  }
}

/// What is measured, for commands that transfer bytes.
struct MeasuringOptions: ParsableArguments {
  @Flag(
    help: ArgumentHelp(
      "Show bytes and rate during the transfer.",
      discussion: "Where the size is known, also the share done and the time left."))
  var progress = false

  @Flag(help: "At the end, report bytes, rates and what TCP_INFO says on standard error.")
  var stats = false

  @Flag(help: "Write the statistics as one JSON object; requires --stats.")
  var json = false

  /// The flags about a transfer, and whether each of them is given.
  var flags: [(isGiven: Bool, name: String)] { [(progress, "--progress"), (stats, "--stats")] }

  /// Rejects `--json` without statistics to write.
  func validateJSON() throws {
    if json && !stats { throw ValidationError("--json requires --stats") }
  }
}
