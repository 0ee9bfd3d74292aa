// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import SockkitCore

/// Who is let in, how many, and how long they may stay.
struct AdmissionOptions: ParsableArguments {
  @Option(
    name: [.customShort("m", allowingJoined: true), .customLong("max-connections")], parsing: .unconditional,
    help: ArgumentHelp(
      "Serve this many connections at a time; the rest waits (default: 256; servers: what descriptors allow, "
        + "or 1000 processes or threads).", valueName: "n"), transform: ValueArgument.count)
  var maximumConnections: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How many connections may wait to be accepted (default: what the system allows).", valueName: "n"),
    transform: ValueArgument.count)
  var backlog: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How long open connections, and commands, may take to finish when they are told to (default: 5s).",
      valueName: "duration"), transform: ValueArgument.duration)
  var grace: Duration?

  @OptionGroup var lists: AccessOptions
}
