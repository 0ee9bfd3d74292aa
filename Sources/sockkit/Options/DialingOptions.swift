// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Sockets
import SockkitCore

/// How long to try to connect.
struct DialingOptions: ParsableArguments {
  @Option(
    name: .connectTimeout, parsing: .unconditional,
    help: ArgumentHelp(
      "Give up connecting after this time in total (default: 10s; 0: as long as the system tries).",
      valueName: "duration"),
    transform: ValueArgument.duration)
  var connectTimeout: Duration?

  private static let defaultLimit = Duration.seconds(10)

  /// What connects to an endpoint, in the time it has and as far as the deadline lets it.
  func dialer(
    to endpoint: Endpoint, _ addressing: AddressingOptions, until deadline: Deadline, _ reporter: Reporter
  ) throws(Failure) -> Dialer {
    var dialer = Dialer(to: endpoint)
    dialer.resolver = addressing.resolver
    dialer.connector.attemptFailed = { reporter.report(.attemptFailed($0)) }
    (dialer.connector.source, dialer.connector.sourcePort) =
      try addressing.localSource(protocol: "tcp", until: deadline)
    dialer.limit = TimingOptions.limit(connectTimeout ?? Self.defaultLimit)
    dialer.deadline = deadline
    return dialer
  }
}
