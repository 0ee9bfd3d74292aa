// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Glibc
import Sockets

/// The options of every command that relays the standard streams over a connection.
struct ConnectionOptions: ParsableArguments {
  @OptionGroup(title: "Addressing") var addressing: AddressingOptions
  @OptionGroup(title: "Timing") var timing: TimingOptions
  @OptionGroup(title: "End of stream") var streams: StreamOptions
  @OptionGroup(title: "Filters") var filters: FilterOptions
  @OptionGroup(title: "Socket options") var socket: SocketOptions
  @OptionGroup(title: "Socket options") var closing: LingerOptions
  @OptionGroup(title: "Interactive use") var interaction: InteractionOptions
  @OptionGroup(title: "Measuring") var measuring: MeasuringOptions
  @OptionGroup(title: "Reporting") var reporting: ReportingOptions

  /// Refuses options that have no effect with others.
  func validate() throws {
    if streams.isReceiveOnly { try filters.validateForReceiving() }
  }

  /// The socket options for the socket layer.
  ///
  /// - Throws: A usage error for an option that the endpoint's family does not have.
  func settings(for endpoint: Endpoint) throws -> SocketSettings {
    var settings = try socket.settings(for: endpoint)
    settings.linger = closing.linger
    return settings
  }

  /// A session of a command under these options; its time, where it is limited, counts from now.
  ///
  /// - Throws: Why a file that is to be written cannot be.
  func session(of command: String, settings: SocketSettings) throws(Failure) -> StreamSession {
    let reporter = reporting.configureReporter()
    try filters.paths.check()
    return StreamSession(
      policy: streams.policy, limits: timing.limits(), settings: settings, filters: filters,
      measuring: measuring, interaction: interaction.interaction(of: command), reporter: reporter)
  }

  /// The signals that end a session.
  static let endingSignals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]
}
