// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import Text
import Transport

/// A server that runs a command for each connection, until a signal asks for the end.
struct CommandServer {
  let invocation: Invocation
  let options: ConnectionOptions
  let admitting: AdmissionOptions
  /// How many connections are served at a time; `nil` for the usual number.
  let maximumConnections: Int?
  let settings: SocketSettings
  let reporter: Reporter

  private static let usualMost = 256
  /// More processes than that no system has.
  private static let mostProcesses = 1 << 22
  /// Descriptors that are not a command's.
  private static let reservedDescriptors = 64

  /// Serves the clients of listeners.
  ///
  /// - Parameters:
  ///   - access: Which peers may connect.
  ///   - announce: Makes it known, once signals are awaited.
  func run(_ listeners: ListenerGroup, _ access: AccessControl, _ announce: () throws -> Void) throws {
    reporter.mayLose()
    ProcessSignals.keepChildren()
    let most = min(maximumConnections ?? Self.usualMost, Self.mostProcesses)
    let reporter = reporter
    let policy = AccessPolicy(access) { reporter.report(connection: $0) }
    let session = CommandSession(
      invocation, grace: admitting.grace, try options.session(of: "listen", settings: settings))
    let signals = try SignalQueue(
      session.isRelayed ? ForkingCommandServer.signals : CommandHost.signals, for: access)
    try announce()
    if session.isRelayed {
      var settings = ServerSettings()
      settings.maximumConnections = most
      settings.grace = session.terms.grace
      let filters = try options.filters.open(reporter)
      try ForkingCommandServer(settings, policy) { serve($0, session, filters) }.run(
        listeners, until: signals)
    } else {
      var terms = session.terms
      terms.limit = TimingOptions.limit(options.timing.timeout)
      DescriptorLimit.raise(toAtLeast: min(most, .max / 4) * 2 + Self.reservedDescriptors)
      try CommandHost(terms, on: listeners, policy, atMost: most).run(until: signals)
    }
    signals.ignore()
  }

  /// Serves one connection in a process of its own, where the time it has, if that is limited, counts from now.
  private func serve(
    _ socket: consuming StreamSocket, _ session: CommandSession, _ filters: TrafficFilters
  ) -> CInt {
    var session = session
    session.session.limits = options.timing.limits()
    session.session.isOneOfMany = true
    session.filters = filters
    session.isOneOfMany = true
    session.filters?.recording = filters.recording?.sharing(
      label: "[\(TerminalSafe.escape("\(socket.remote)"))] ")
    do {
      return try session.status(of: socket, until: try SignalQueue(ConnectionOptions.endingSignals))
    } catch let failure as Failure {
      reporter.report(.failed(failure))
      return failure.status.rawValue
    } catch {
      reporter.note("\(error)")
      return ExitStatus.noResources.rawValue
    }
  }
}
