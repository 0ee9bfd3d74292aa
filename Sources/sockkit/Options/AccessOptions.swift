// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sockets

/// Which peers may connect.
struct AccessOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Allow only clients of this network.", discussion: "May be repeated.", valueName: "net"),
    completion: .network, transform: ValueArgument.network)
  var allow: [Network] = []

  @Option(
    help: ArgumentHelp(
      "Refuse clients of this network.", discussion: "Takes precedence over --allow. May be repeated.",
      valueName: "net"),
    completion: .network, transform: ValueArgument.network)
  var deny: [Network] = []

  @Option(
    help: ArgumentHelp(
      "Allow only clients of the networks in this file.",
      discussion: "One per line; # begins a comment. SIGHUP reloads it. May be repeated.", valueName: "file"),
    completion: .file(),
    transform: ValueArgument.nonEmpty)
  var allowFile: [String] = []

  @Option(
    help: ArgumentHelp(
      "Refuse clients of the networks in this file.",
      discussion: "Takes precedence over what allows them; otherwise as --allow-file.", valueName: "file"
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
