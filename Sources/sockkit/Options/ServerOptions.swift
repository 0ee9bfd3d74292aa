// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Sockets
import SockkitCore

extension ServerModel: ExpressibleByArgument {}

/// How a server serves.
struct ServerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Who serves a connection: a child process, a thread, or one readiness loop for all (default: event; "
        + "calc-server: fork).",
      valueName: "fork|thread|event"))
  var model: ServerModel?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many event loops there are (default: 1).", valueName: "n"),
    transform: ValueArgument.workers)
  var workers: Int?

  @Option(
    name: .idleTimeout, parsing: .unconditional,
    help: ArgumentHelp(
      "Close a connection after this time without a byte either way (default: 5m; 0: never).",
      valueName: "duration"),
    transform: ValueArgument.duration)
  var idleTimeout: Duration?

  @Option(
    name: .maximumConnections, parsing: .unconditional,
    help: ArgumentHelp(
      "Serve this many connections at a time (default: what descriptors allow, or 1000 processes or threads); "
        + "the rest waits.", valueName: "n"), transform: ValueArgument.count)
  var maximumConnections: Int?

  @OptionGroup var admitting: AdmissionOptions

  @Flag(help: "Write the log as JSON, one object a line: the same as --log-format json.")
  var json = false

  private static let defaultIdle = Duration.seconds(300)
  private static let mostProcesses = 1000
  /// Descriptors that are not connections: standard streams, listeners, queues, files that are being served.
  private static let reservedDescriptors = 64

  /// Refuses options that exclude each other.
  func validate() throws {
    if workers != nil, model == .fork || model == .thread {
      throw ValidationError("--workers counts event loops, and needs --model event")
    }
  }

  /// The first option given that is about connections; `nil` if none is.
  var connectionFlag: String? {
    let flags = [
      (model != nil, "--model"), (workers != nil, "--workers"),
      (maximumConnections != nil, "--max-connections"),
      (admitting.backlog != nil, "--backlog"), (idleTimeout != nil, "--idle-timeout"),
      (admitting.grace != nil, "--grace"),
    ]
    return flags.first { $0.0 }?.1
  }

  /// The settings for a service whose usual model is this one.
  ///
  /// - Throws: What is wrong with an access list.
  func settings(usual: ServerModel) throws(Failure) -> ServerSettings {
    var settings = ServerSettings()
    settings.model = workers == nil ? model ?? usual : .event
    settings.workers = workers ?? 1
    let descriptors = DescriptorLimit.raise()
    settings.maximumConnections =
      maximumConnections
      ?? (settings.model == .event
        ? max(1, descriptors - Self.reservedDescriptors) : Self.mostProcesses)
    settings.idle = TimingOptions.limit(idleTimeout ?? Self.defaultIdle)
    settings.grace = admitting.grace ?? settings.grace
    settings.access = try admitting.lists.control()
    return settings
  }
}
