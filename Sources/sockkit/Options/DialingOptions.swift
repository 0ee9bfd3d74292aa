// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sessions
import Sockets

/// How long to try to connect.
struct DialingOptions: ParsableArguments {
  @Option(
    name: .connectTimeout, parsing: .unconditional,
    help: ArgumentHelp(
      "Time limit for connecting (default: 10s).",
      discussion: "It covers all addresses together; 0: as long as the system tries.", valueName: "duration"),
    completion: .duration, transform: ValueArgument.duration)
  var connectTimeout: Duration?

  @OptionGroup var retrying: RetryOptions

  /// The time limit for connecting, unless another is given.
  static let defaultLimit = Duration.seconds(10)

  /// How to connect to an endpoint.
  ///
  /// - Parameter interface: The interface of link-local addresses that do not name one.
  /// - Throws: A usage error.
  func settings(
    for endpoint: Endpoint, _ addressing: AddressingOptions, on interface: String? = nil
  ) throws -> DialSettings {
    if endpoint.isPortZero { throw ValidationError("cannot connect to port 0") }
    var settings = DialSettings(to: endpoint)
    settings.resolver = addressing.resolver.on(interface: interface)
    settings.source = try addressing.localSource()
    settings.limit = TimingOptions.limit(connectTimeout ?? Self.defaultLimit)
    settings.retry = retrying.duration
    return settings
  }
}
