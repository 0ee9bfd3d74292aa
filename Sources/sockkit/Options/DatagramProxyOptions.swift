// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser

/// The proxy that relays sent datagrams.
struct DatagramProxyOptions: ParsableArguments {
  @OptionGroup var common: ProxyOptions

  @Option(
    name: .connectTimeout, parsing: .unconditional,
    help: ArgumentHelp(
      "Time limit for the connection to the proxy (default: 10s).",
      discussion: "0: as long as the system tries.", valueName: "duration"),
    completion: .duration, transform: ValueArgument.duration)
  var connectTimeout: Duration?

  /// Rejects a limit that would have no effect.
  func validate() throws {
    guard common.proxy.isEmpty, connectTimeout != nil else { return }
    throw ValidationError("-w has no effect without --proxy (to wait for replies, use '-W DURATION')")
  }

  /// The time for the connection to the proxy; `nil` for no limit.
  var limit: Duration? { TimingOptions.limit(connectTimeout ?? DialingOptions.defaultLimit) }
}
