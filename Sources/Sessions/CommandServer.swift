// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Glibc
import Sockets
import Synchronization
import Text
import Transport

/// A server that runs a command for each connection, until a signal ends it.
struct CommandServer {
  /// The command.
  let command: Command
  /// What is done with each connection.
  let stream: StreamInvocation
  /// The maximum number of simultaneous connections; `nil` for the default.
  let maximumConnections: Int?
  /// Whether clients are closed at once while there are as many as that.
  let turnsAwayWhenFull: Bool
  /// Receives events and statistics.
  let observer: any SessionObserver

  private static let defaultMaximum = 256
  /// More processes than any system supports.
  private static let mostProcesses = 1 << 22
  /// Descriptors that do not belong to commands.
  private static let reservedDescriptors = 64

  /// Serves the clients of listening sockets.
  ///
  /// - Parameters:
  ///   - access: The peers that may connect.
  ///   - sideline: What makes the connections; `nil` if the kernel does.
  ///   - announce: Announces the listening sockets, once signals are collected.
  /// - Returns: The signal that has requested the end.
  /// - Throws: The failure of the server.
  func run(
    _ listeners: ListenerGroup, _ access: AccessControl, beside sideline: (any AuxiliarySource)? = nil,
    _ announce: () throws(Failure) -> Void
  ) throws(Failure) -> CInt {
    observer.mayLose()
    ProcessSignals.keepChildren()
    let most = min(maximumConnections ?? Self.defaultMaximum, Self.mostProcesses)
    let observer = observer
    let end = Guarded(SIGTERM)
    var policy = AccessPolicy(access) {
      if case .stopping(let signal) = $0 { end.withLock { $0 = signal } }
      observer.report(connection: $0)
    }
    policy.turnsAwayWhenFull = turnsAwayWhenFull
    let session = CommandSession(command, try StreamSession(stream, observer))
    let signals = try judging { () throws(IOFailure) in
      try SignalQueue(session.isRelayed ? ForkingCommandServer.signals : CommandHost.signals, for: access)
    }
    try announce()
    // A signal that comes after the end is too late to change the status.
    defer { signals.ignore() }
    do throws(IOFailure) {
      if session.isRelayed {
        var settings = ServerSettings()
        settings.maximumConnections = most
        settings.grace = session.settings.grace
        let filters = try stream.filters.open(observer)
        try ForkingCommandServer(settings, policy) { serve($0, session, filters) }.run(
          listeners, beside: sideline, until: signals)
      } else {
        var settings = session.settings
        settings.limit = stream.limits.total
        DescriptorLimit.raise(toAtLeast: min(most, .max / 4) * 2 + Self.reservedDescriptors)
        try CommandHost(settings, on: listeners, policy, atMost: most).run(until: signals)
      }
    } catch {
      throw Failure(error)
    }
    return end.withLock { $0 }
  }

  /// Serves one connection in a child process; its time limit counts from now.
  ///
  /// - Returns: The exit status of the child.
  private func serve(
    _ socket: consuming StreamSocket, _ session: CommandSession, _ filters: TrafficFilters
  ) -> CInt {
    var session = session
    session.session.limits = stream.limits.begin()
    session.session.isOneOfMany = true
    session.filters = filters
    session.isOneOfMany = true
    session.filters?.recording = filters.recording?.sharing(
      label: "[\(TerminalSafe.escape("\(socket.remote)"))] ")
    do throws(Failure) {
      let signals = try judging { () throws(IOFailure) in try SignalQueue(StreamInvocation.endingSignals) }
      switch try session.run(socket, until: signals) {
      case .commandExited(let status): return status
      case .exited(let status): return status.rawValue
      case .killed(let signal): ProcessSignals.die(by: signal)
      }
    } catch {
      observer.report(.failed(error))
      return error.status.rawValue
    }
  }
}
