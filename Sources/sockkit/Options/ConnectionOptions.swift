// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Glibc
import Sockets
import SockkitCore

/// The options of every command that relays the standard streams over a connection.
struct ConnectionOptions: ParsableArguments {
  @OptionGroup(title: "Addressing") var addressing: AddressingOptions
  @OptionGroup(title: "Timing") var timing: TimingOptions
  @OptionGroup(title: "End of stream") var streams: StreamOptions
  @OptionGroup(title: "Socket options") var socket: SocketOptions
  @OptionGroup(title: "Interactive use") var interaction: InteractionOptions
  @OptionGroup(title: "Measuring") var measuring: MeasuringOptions
  @OptionGroup(title: "Reporting") var reporting: ReportingOptions

  /// A session of a command under these options; its time, where it is limited, counts from now.
  func session(of command: String, settings: SocketSettings) -> StreamSession {
    StreamSession(
      policy: streams.policy, limits: timing.limits(), settings: settings, measuring: measuring,
      interaction: interaction.interaction(of: command), reporter: reporting.configureReporter())
  }

  /// The signals that end a session.
  static let endingSignals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]
}
