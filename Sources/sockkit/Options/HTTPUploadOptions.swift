// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import HTTP

/// The files that clients of a web server may upload.
struct HTTPUploadOptions: ParsableArguments {
  @Flag(help: "Accept uploads into the served directory, with PUT and with a form on its listings.")
  var upload = false

  @Flag(help: "Let uploads replace files that exist.")
  var force = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Limit on the size of an upload (default: 1G).", valueName: "size"), completion: .size,
    transform: ValueArgument.fileSize)
  var maxUpload: Int?

  /// Rejects options that have no effect.
  func validate() throws {
    guard !upload,
      let flag = [(force, "--force"), (maxUpload != nil, "--max-upload")].first(where: { $0.0 })?.1
    else { return }
    throw ValidationError("\(flag) requires --upload")
  }

  /// What may be uploaded; `nil` if nothing.
  var rules: HTTPUploadRules? {
    guard upload else { return nil }
    var rules = HTTPUploadRules(isReplacing: force)
    rules.most = maxUpload ?? rules.most
    return rules
  }
}
