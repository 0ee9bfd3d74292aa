// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser

/// How long attempts are repeated.
struct RetryOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Retry for this long while the peer refuses, the host is unreachable or unknown, or the Unix socket is missing.",
      valueName: "duration"),
    transform: ValueArgument.duration)
  var retry: Duration?

  /// The time during which attempts are repeated; `nil` for a single attempt.
  var duration: Duration? { TimingOptions.limit(retry) }
}
