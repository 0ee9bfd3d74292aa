// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sessions
import Sockets
import Transport

/// The options of every command that relays the standard streams over a connection.
struct ConnectionOptions: ParsableArguments {
  @OptionGroup(title: "Addressing") var addressing: AddressingOptions
  @OptionGroup(title: "Timing") var timing: TimingOptions
  @OptionGroup(title: "End of stream") var streams: StreamOptions
  @OptionGroup(title: "Filters") var filters: FilterOptions
  @OptionGroup(title: "Socket options") var socket: SocketOptions
  @OptionGroup(title: "Socket options") var closing: LingerOptions
  @OptionGroup(title: "Socket options") var mode: SocketModeOptions
  @OptionGroup(title: "Interactive use") var interaction: InteractionOptions
  @OptionGroup(title: "Measuring") var measuring: MeasuringOptions
  @OptionGroup(title: "Reporting") var reporting: ReportingOptions

  /// Rejects options that have no effect in combination.
  func validate() throws {
    if streams.isReceiveOnly { try filters.validateForReceiving() }
    if mode.blocking {
      try SocketModeOptions.refuse(
        timing.flags + streams.flags + filters.flags + interaction.flags + measuring.flags
          + [(socket.fastOpen, "--fast-open"), (socket.sctp, "--sctp")],
        because: "--blocking uses plain blocking calls")
    }
  }

  /// The socket options for the socket layer.
  ///
  /// - Parameter rare: Those that few command lines have; `nil` if there are none.
  /// - Throws: A usage error for an option that the endpoint's family does not have, or the error of a file.
  func settings(for endpoint: Endpoint, _ rare: RareSocketOptions?) throws -> SocketSettings {
    var settings = try socket.settings(for: endpoint, rare)
    settings.linger = closing.linger
    try SocketModeOptions.checkMessages(mode.seqpacket, on: endpoint)
    if mode.seqpacket { settings.kind = .sequenced }
    settings.isBlocking = mode.blocking
    return settings
  }

  /// What is done with a connection to an endpoint.
  ///
  /// - Parameters:
  ///   - command: The subcommand whose history of lines is used.
  ///   - rare: The socket options that few command lines have; `nil` if there are none.
  /// - Throws: A usage error for a socket option that the endpoint's family does not have, or the error of a file.
  func invocation(
    of command: String, for endpoint: Endpoint, _ rare: RareSocketOptions?
  ) throws -> StreamInvocation {
    var invocation = StreamInvocation()
    invocation.settings = try settings(for: endpoint, rare)
    invocation.policy = streams.policy
    invocation.limits = timing.limits
    invocation.filters = filters.settings
    invocation.reportsStatistics = measuring.stats
    invocation.showsProgress = measuring.progress
    invocation.interaction = interaction.interaction(of: command, reporting.log.color)
    if mode.seqpacket {
      invocation.layers.makeTransport = { socket, _ in PacketStream(socket, framing: .lines) }
    }
    if mode.blocking { invocation.interaction.editsLines = false }
    return invocation
  }

  /// Sets up the program's reporter.
  func configureReporter() -> Reporter {
    let reporter = reporting.configureReporter()
    reporter.writesStatisticsAsJSON = measuring.json
    return reporter
  }
}
