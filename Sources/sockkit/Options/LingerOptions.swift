// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser

/// How a connection is closed that no other side decides about.
struct LingerOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Let close wait this long for what is unsent (SO_LINGER); 0 resets.", valueName: "duration"),
    transform: ValueArgument.duration)
  var linger: Duration?
}
