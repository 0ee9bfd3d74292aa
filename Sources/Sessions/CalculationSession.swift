// SPDX-License-Identifier: GPL-3.0-or-later

import Calculator
package import Engine
import Glibc
import LineEditing
import Sockets
import SystemPackage
package import Transport

/// The expressions to calculate, and the server that calculates them.
package struct CalculationInvocation: Sendable {
  /// How to connect to the server.
  package var dialing: DialSettings
  /// The expressions; empty to read them from standard input.
  package var expressions: [String] = []
  /// The time limits.
  package var limits = TimeLimits()
  /// Protects the connection; `nil` for no protection.
  package var protect: StreamLayer?
  /// Whether lines typed at a terminal are kept for the next session.
  package var keepsHistory = true

  /// Creates an invocation with the default settings.
  package init(_ dialing: DialSettings) { self.dialing = dialing }

  /// Has the connection protected by TLS; `nil` leaves it as it is.
  package mutating func protect(_ protection: Protection?) {
    guard let protection else { return }
    protect = protection.protect
    dialing.files.add(protection.files)
  }

  fileprivate var needs: SandboxNeeds {
    var needs = dialing.needs
    guard isatty(STDIN_FILENO) == 1 else { return needs }
    for path in SystemFiles.ofTerminals { needs.files.read(path) }
    if keepsHistory { needs.files.keepHistory(ofCommand: "calc") }
    return needs
  }
}

/// The output of a calculation.
package protocol CalculationOutput: AnyObject {
  /// Writes a line.
  func print(_ line: String)
  /// Writes answers in order.
  ///
  /// - Returns: Whether all answers are results.
  func print(_ answers: [CalculatorBatch.Answer]) -> Bool
  /// Called once all answers of expressions that were not typed at a terminal are written.
  func finish(areAllResults: Bool)
}

/// A calculation by a server, of the invocation's expressions or of those on standard input.
package struct CalculationSession {
  private let invocation: CalculationInvocation
  private let observer: any SessionObserver
  private let output: any CalculationOutput

  /// Creates a session.
  package init(
    _ invocation: CalculationInvocation, _ observer: any SessionObserver, to output: any CalculationOutput
  ) {
    self.invocation = invocation
    self.observer = observer
    self.output = output
  }

  /// Connects and calculates.
  ///
  /// - Returns: Success if every expression has a result, or if the expressions are typed at a terminal, where failures
  ///   are visible and can be corrected.
  /// - Throws: The failure of the session.
  package func run() throws(Failure) -> SessionOutcome {
    let connection = try connect()
    var isKilled = false
    defer {
      if !isKilled {
        observer.report(
          .closed(
            peer: connection.remote, sent: connection.sent, received: connection.received,
            duration: connection.start.duration(until: .now), end: connection.endOfServer))
      }
    }
    let expressions = invocation.expressions
    let isAtTerminal =
      [.standardInput, .standardOutput].allSatisfy { DescriptorKind(of: $0) == .terminal }
      && !EditableTerminal.isRaw
    if expressions.isEmpty, isAtTerminal {
      let history = LineHistory.ofCommand("calc", isKept: invocation.keepsHistory, observer)
      let outcome = try judging { () throws(IOFailure) in
        try CalculatorDialogueSession(over: connection, history: history, observer, output)
      }.run()
      if case .killed = outcome { isKilled = true }
      return outcome
    }
    var areAllResults = true
    var batch = CalculatorBatch(
      of: expressions.isEmpty ? ExpressionSource(StandardStream(.input)) : ExpressionSource(expressions),
      over: connection
    ) { [output] in if !output.print($0) { areAllResults = false } }
    try batch.run()
    output.finish(areAllResults: areAllResults)
    return .exited(areAllResults ? .success : .dataError)
  }

  private func connect() throws(Failure) -> CalculatorConnection {
    let limits = invocation.limits.begin()
    invocation.dialing.proxies?.prepare()
    let sandbox = try Sandbox.begin(invocation.needs, observer)
    var dialer = try invocation.dialing.dialer(until: limits.deadline, observer)
    // Requests are small, and the next one may depend on the answer to this one.
    dialer.connector.settings.isNoDelay = true
    dialer.connector.closesInOrder = true
    try dialer.connectThroughProxies(invocation.dialing)
    var end = Deadline.never
    let transport = try dialer.dial(&end)
    observer.report(connected: transport, invocation.dialing)
    try sandbox.confine()
    sandbox.report()
    let stream = invocation.protect?(transport) ?? transport
    return try judging { () throws(IOFailure) in
      _ = try stream.completeHandshake(until: min(end, limits.deadline))
      return try CalculatorConnection(stream, limits: limits)
    }
  }
}
