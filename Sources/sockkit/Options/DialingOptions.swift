// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sockets

/// How long to try to connect.
struct DialingOptions: ParsableArguments {
  @Option(
    name: .connectTimeout, parsing: .unconditional,
    help: ArgumentHelp(
      "Give up connecting after this time in total (default: 10s; 0: as long as the system tries).",
      valueName: "duration"),
    transform: ValueArgument.duration)
  var connectTimeout: Duration?

  @OptionGroup var retrying: RetryOptions

  private static let defaultLimit = Duration.seconds(10)

  /// What connects to an endpoint, in the time it has and as far as the deadline lets it.
  ///
  /// - Parameter interface: The interface of link-local addresses that do not name one.
  func dialer(
    to endpoint: Endpoint, _ addressing: AddressingOptions, on interface: String? = nil,
    until deadline: Deadline, _ reporter: Reporter
  ) throws -> Dialer {
    if endpoint.isPortZero { throw ValidationError("cannot connect to port 0") }
    var dialer = Dialer(to: endpoint)
    dialer.resolver = addressing.resolver.on(interface: interface)
    dialer.connector.attemptFailed = { reporter.report(.attemptFailed($0)) }
    (dialer.connector.source, dialer.connector.sourcePort) =
      try addressing.localSource(protocol: "tcp", by: dialer.resolver, until: deadline)
    dialer.limit = TimingOptions.limit(connectTimeout ?? Self.defaultLimit)
    dialer.retry = retrying.duration
    dialer.lookupFailed = { reporter.report(.lookupRepeated($0)) }
    dialer.deadline = deadline
    return dialer
  }
}
