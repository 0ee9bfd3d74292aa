// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sessions
import Sockets

/// How long a connection may take.
struct TimingOptions: ParsableArguments {
  @Option(
    name: .idleTimeout, parsing: .unconditional,
    help: ArgumentHelp(
      "End after this time without a byte.",
      discussion: "Bytes in either direction count. The status is 75.", valueName: "duration"),
    completion: .duration, transform: ValueArgument.duration)
  var idleTimeout: Duration?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "End after this time in total.", discussion: "The status is 75.", valueName: "duration"),
    completion: .duration, transform: ValueArgument.duration)
  var timeout: Duration?

  /// The flags, and whether each of them is given.
  var flags: [(isGiven: Bool, name: String)] {
    [(idleTimeout != nil, "-i"), (timeout != nil, "--timeout")]
  }

  /// A given limit; zero means none.
  static func limit(_ duration: Duration?) -> Duration? { duration == .zero ? nil : duration }

  /// The limits of a session.
  var limits: TimeLimits {
    var limits = TimeLimits()
    limits.idle = Self.limit(idleTimeout)
    limits.total = Self.limit(timeout)
    return limits
  }
}
