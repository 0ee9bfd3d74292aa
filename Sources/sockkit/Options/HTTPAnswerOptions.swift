// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import HTTP
import Sockets

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

  @Option(
    help: ArgumentHelp(
      "Require a user name and a password; the file has one USER:HASH per line, with a hash of crypt(3).",
      valueName: "file"),
    completion: .file(),
    transform: ValueArgument.nonEmpty)
  var authFile: String?

  /// Rejects a header field that the other options set.
  func validate() throws {
    guard cors, let field = header.first(where: { $0.isNamed("Access-Control-Allow-Origin") }) else { return }
    throw ValidationError("--cors sets \(field.name), and so does --header")
  }

  /// The settings of the server.
  ///
  /// - Parameter limits: The limits of requests.
  /// - Throws: The error of the file with the users.
  func settings(_ limits: HTTPLimits) throws(Failure) -> HTTPSettings {
    var settings = HTTPSettings(limits: limits)
    settings.fields = header
    settings.isShared = cors
    if let authFile { settings.users = try Self.users(in: authFile) }
    return settings
  }

  private static func users(in path: String) throws(Failure) -> HTTPUsers {
    let content: [UInt8]?
    do { content = try RegularFile.bytes(of: path) } catch {
      throw Failure(.noInput, "\(IOFailure(.read(path), error))")
    }
    guard let content else { throw Failure(.noInput, "read \(path): not a regular file") }
    do throws(HTTPUsers.Fault) { return try HTTPUsers(content) } catch {
      throw Failure(.dataError, "\(path), line \(error.line): \(error.reason)")
    }
  }
}
