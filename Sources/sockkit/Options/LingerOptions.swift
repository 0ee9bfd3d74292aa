// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser

/// How long closing a connection may wait for unsent bytes.
struct LingerOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Let close wait this long for what is unsent (SO_LINGER); 0 resets.", valueName: "duration"),
    completion: .duration, transform: ValueArgument.duration)
  var linger: Duration?
}
