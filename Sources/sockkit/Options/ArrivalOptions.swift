// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Sockets

/// How long to wait for a connection.
struct ArrivalOptions: ParsableArguments {
  @Option(
    name: .connectTimeout, parsing: .unconditional,
    help: ArgumentHelp("Time limit for a client (default: no limit).", valueName: "duration"),
    completion: .duration, transform: ValueArgument.duration)
  var connectTimeout: Duration?

  /// The maximum time to wait; `nil` for no limit.
  var limit: Duration? { TimingOptions.limit(connectTimeout) }
}
