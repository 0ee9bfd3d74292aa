// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import SockkitCore

extension Reporter.Format: ExpressibleByArgument {}

/// What is said on standard error.
struct ReportingOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Report connection events on standard error.")
  var verbose = false

  @Option(help: ArgumentHelp("Write events as text or as JSON Lines.", valueName: "text|json"))
  var logFormat = Reporter.Format.text

  @Flag(help: "Narrate the socket calls on standard error.")
  var trace = false

  /// Sets the program's reporter up.
  ///
  /// - Parameter isJSON: Whether JSON is asked for in another way.
  func configureReporter(isJSON: Bool = false) -> Reporter {
    Reporter.current.configure(isVerbose: verbose, isTracing: trace, format: isJSON ? .json : logFormat)
    return Reporter.current
  }
}

/// What is measured, for commands that move bytes.
struct MeasuringOptions: ParsableArguments {
  @Flag(help: "Show bytes, rate, and where the size is known the share done and the time left.")
  var progress = false

  @Flag(help: "At the end, report bytes, rates and what TCP_INFO says on standard error.")
  var stats = false

  @Flag(help: "Write the statistics as one JSON object.")
  var json = false

  /// Refuses `--json` where there are no statistics to write.
  func validateJSON() throws {
    if json && !stats { throw ValidationError("--json says how --stats are written, and needs it") }
  }
}
