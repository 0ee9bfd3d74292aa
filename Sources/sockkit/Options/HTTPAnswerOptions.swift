// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import HTTP
import Sessions

/// Who is answered by a web server, and what is added to the answers.
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

  @OptionGroup var users: UserOptions

  /// Rejects a header field that the other options set.
  func validate() throws {
    guard cors, let field = header.first(where: { $0.isNamed("Access-Control-Allow-Origin") }) else { return }
    throw ValidationError("--cors sets \(field.name), and so does --header")
  }

  /// The settings of the server.
  ///
  /// - Parameters:
  ///   - limits: The limits of requests.
  ///   - users: Those who are answered; `nil` for everyone.
  func settings(_ limits: HTTPLimits, users: UserFile?) -> HTTPSettings {
    var settings = HTTPSettings(limits: limits)
    settings.fields = header
    settings.isShared = cors
    settings.users = users?.list
    return settings
  }
}
