// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SockkitCore

/// A listener that runs a command for each connection, until it is told to stop.
struct CommandServer {
  private let session: StreamSession
  private let terms: CommandTerms
  private let admitting: AdmissionOptions

  /// How many connections are served at a time, unless it is said.
  private static let usualMost = 256
  /// Descriptors that are not a command's.
  private static let reservedDescriptors = 64

  /// Serves each connection under the terms of a session.
  ///
  /// - Parameter limit: How long each may take.
  init(session: CommandSession, _ admitting: AdmissionOptions, limit: Duration?) {
    self.session = session.session
    var terms = session.terms
    terms.limit = limit
    self.terms = terms
    self.admitting = admitting
  }

  /// Serves who comes through a door.
  ///
  /// - Parameters:
  ///   - access: Who may come.
  ///   - announce: Makes it known, once signals are awaited.
  func run(_ door: Door, _ access: AccessControl, _ announce: () throws -> Void) throws {
    let reporter = session.reporter
    reporter.mayLose()
    ProcessSignals.keepChildren()
    let limit = admitting.maximumConnections ?? Self.usualMost
    DescriptorLimit.raise(toAtLeast: limit * 2 + Self.reservedDescriptors)
    let signals = try SignalQueue(CommandHost.signals, for: access)
    try announce()
    let admission = Admission(access) { reporter.report(connection: $0) }
    try CommandHost(terms, through: door, admission, atMost: limit).run(until: signals)
    signals.ignore()
  }
}
