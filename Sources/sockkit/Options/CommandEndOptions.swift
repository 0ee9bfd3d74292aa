// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import SockkitCore

/// How a command is ended.
struct CommandEndOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How long the command may take to end when it is told to, until it is killed (default: 5s).",
      valueName: "duration"), transform: ValueArgument.duration)
  var grace: Duration?
}
