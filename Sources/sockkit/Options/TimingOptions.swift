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
    help: ArgumentHelp("End with status 75 after this time altogether.", valueName: "duration"),
    transform: ValueArgument.duration)
  var timeout: Duration?

  /// A limit that was given, where zero stands for none.
  static func limit(_ duration: Duration?) -> Duration? { duration == .zero ? nil : duration }

  /// What the relay is held to, counted from now.
  func limits() -> Relay.Limits {
    var limits = Relay.Limits()
    limits.idle = Self.limit(idleTimeout)
    limits.deadline = Self.limit(timeout).map(Deadline.after) ?? .never
    return limits
  }
}
