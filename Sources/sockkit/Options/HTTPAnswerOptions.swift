// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import HTTP

/// What a web server adds to its answers.
struct HTTPAnswerOptions: ParsableArguments {
  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Add this header field to every answer, such as 'Cache-Control: no-store'; may be repeated.",
      valueName: "name: value"),
    transform: ValueArgument.headerField)
  var header: [HTTPAddedField] = []

  @Flag(help: "Let scripts of other web sites read what is served (CORS).")
  var cors = false

  /// Rejects a header field that the other options set.
  func validate() throws {
    guard cors, let field = header.first(where: { $0.isNamed("Access-Control-Allow-Origin") }) else { return }
    throw ValidationError("--cors sets \(field.name), and so does --header")
  }

  /// The settings of the server.
  ///
  /// - Parameter limits: The limits of requests.
  func settings(_ limits: HTTPLimits) -> HTTPSettings {
    var settings = HTTPSettings(limits: limits)
    settings.fields = header
    settings.isShared = cors
    return settings
  }
}
