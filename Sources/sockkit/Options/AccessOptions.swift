// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sockets

/// Which peers may connect.
struct AccessOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Let in only addresses of this network; may be repeated.", valueName: "net"),
    transform: ValueArgument.network)
  var allow: [Network] = []

  @Option(
    help: ArgumentHelp(
      "Refuse addresses of this network, whatever else allows them; may be repeated.", valueName: "net"),
    transform: ValueArgument.network)
  var deny: [Network] = []

  @Option(
    help: ArgumentHelp(
      "Let in only addresses of the networks in this file, one a line, with comments from # on; SIGHUP has it read "
        + "again. May be repeated.", valueName: "file"), completion: .file(),
    transform: ValueArgument.nonEmpty)
  var allowFile: [String] = []

  @Option(
    help: ArgumentHelp(
      "Refuse addresses of the networks in this file, whatever else allows them; likewise.", valueName: "file"
    ), completion: .file(),
    transform: ValueArgument.nonEmpty)
  var denyFile: [String] = []

  /// The sources of the access list.
  var sources: AccessSources {
    var sources = AccessSources()
    sources.allowed = allow
    sources.denied = deny
    sources.allowedFiles = allowFile
    sources.deniedFiles = denyFile
    return sources
  }
}
