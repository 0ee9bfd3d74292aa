// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Sessions

/// Who may use a server.
struct UserOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Require a user name and a password.",
      discussion: "The file has one USER:HASH per line, with a hash of crypt(3). SIGHUP reloads it.",
      valueName: "file"),
    completion: .file(), transform: ValueArgument.nonEmpty)
  var authFile: String?

  /// Reads the file; `nil` if there is none, and everyone may use the server.
  ///
  /// - Throws: The error of the file.
  var file: UserFile? {
    get throws { try authFile.map { try UserFile($0) } }
  }
}
