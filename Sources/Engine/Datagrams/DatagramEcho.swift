// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
package import Sockets
package import SystemPackage

/// Echoes datagrams (RFC 862), together with a server of connections or alone.
package final class DatagramEcho: AuxiliarySource {
  private let policy: AccessPolicy
  private let sockets: DatagramSockets
  private let questions: DatagramBatch
  private var responder: DatagramResponder

  /// The maximum number of batches that are answered before the server does its other work.
  private static let burst = 16

  /// Takes ownership of sockets.
  ///
  /// - Parameters:
  ///   - prefix: The prefix of each answer.
  ///   - policy: The peers that are answered.
  ///   - report: Called with the error of a datagram.
  /// - Throws: `ENOMEM`.
  package init(
    _ sockets: DatagramSockets, prefix: [UInt8], policy: AccessPolicy,
    report: @escaping (DatagramEvent) -> Void
  ) throws(IOFailure) {
    questions = try DatagramBatch(over: sockets.family)
    responder = try DatagramResponder(with: .echo(prefix: prefix), over: sockets.family, report: report)
    responder.policy = policy
    self.policy = policy
    self.sockets = sockets
  }

  /// The bound addresses.
  package var locals: [Address] { sockets.locals }

  /// The descriptors to wait on, one for each address.
  package var descriptors: [FileDescriptor] { sockets.descriptors }

  /// Always false.
  package var carriesConnections: Bool { false }

  /// Ends the sessions that protect datagrams, and closes the sockets.
  package func close() { sockets.close() }

  /// Closes the descriptors in a child process.
  package func closeInChild() { sockets.closeInChild() }

  /// Answers until a signal requests the end, for a server without another service.
  package func run(until signals: borrowing SignalQueue) throws(IOFailure) {
    var stops = StopRequests()
    let reactor = Reactor.forFew()
    let watchdog = Watchdog(in: reactor)
    defer { withExtendedLifetime(watchdog) {} }
    let signalWatch = try Watch(signals.descriptor, for: .readable, in: reactor)
    let arrivals = try sockets.watches(in: reactor)
    while true {
      try sockets.wait(for: arrivals, in: reactor, until: .never)
      if !signalWatch.take().isEmpty {
        guard case .goOn = stops.take(from: signals, for: policy) else { return }
      }
      try answerWaiting()
    }
  }

  /// Answers the datagrams that are available. A pause in receiving is slept through here, because the server keeps
  /// watching the descriptors.
  package func attend() throws(IOFailure) {
    try answerWaiting()
    sockets.pauseEnd?.sleep()
  }

  private func answerWaiting() throws(IOFailure) {
    for _ in 0..<Self.burst {
      guard try sockets.receive(into: questions) else { return }
      try responder.answer(questions, by: sockets)
    }
  }
}
