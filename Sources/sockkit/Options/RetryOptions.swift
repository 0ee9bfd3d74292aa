// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser

/// How long attempts are repeated.
struct RetryOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Retry until the peer accepts, for this long.",
      discussion:
        "Retried are a refused connection, an unreachable or unknown host, and a missing Unix socket.",
      valueName: "duration"),
    completion: .duration, transform: ValueArgument.duration)
  var retry: Duration?

  /// The time during which attempts are repeated; `nil` for a single attempt.
  var duration: Duration? { TimingOptions.limit(retry) }
}
