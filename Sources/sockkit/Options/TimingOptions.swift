// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Sockets
import SockkitCore

/// How long things may take.
struct TimingOptions: ParsableArguments {
  @Option(
    name: [.customShort("w", allowingJoined: true), .customLong("connect-timeout")], parsing: .unconditional,
    help: ArgumentHelp(
      "connect: give up connecting after this time in total (default: 10s; 0: as long as the system tries); "
        + "listen: how long to wait for a connection (default: for ever).", valueName: "duration"),
    transform: ValueArgument.duration)
  var connectTimeout: Duration?

  @Option(
    name: [.customShort("i", allowingJoined: true), .customLong("idle-timeout")], parsing: .unconditional,
    help: ArgumentHelp(
      "End with status 75 after this time without a byte either way.", valueName: "duration"),
    transform: ValueArgument.duration)
  var idleTimeout: Duration?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "End with status 75 after this time altogether; listen -k with a command: end each connection then.",
      valueName: "duration"),
    transform: ValueArgument.duration)
  var timeout: Duration?

  private static let defaultConnectLimit = Duration.seconds(10)

  /// What connects to an endpoint, in the time it has and as far as the deadline lets it.
  func dialer(
    to endpoint: Endpoint, _ addressing: AddressingOptions, until deadline: Deadline, _ reporter: Reporter
  ) throws(Failure) -> Dialer {
    var dialer = Dialer(to: endpoint)
    dialer.resolver = addressing.resolver
    dialer.connector.attemptFailed = { reporter.report(.attemptFailed($0)) }
    (dialer.connector.source, dialer.connector.sourcePort) =
      try addressing.localSource(protocol: "tcp", until: deadline)
    dialer.limit = Self.limit(connectTimeout ?? Self.defaultConnectLimit)
    dialer.deadline = deadline
    return dialer
  }

  /// A limit that was given, where zero stands for none.
  static func limit(_ duration: Duration?) -> Duration? { duration == .zero ? nil : duration }

  /// What a connection is held to, counted from now.
  func limits() -> ConnectionLimits {
    var limits = ConnectionLimits()
    limits.idle = Self.limit(idleTimeout)
    limits.deadline = Self.limit(timeout).map(Deadline.after) ?? .never
    return limits
  }
}
