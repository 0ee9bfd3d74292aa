// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage

/// Echoes datagrams on the side of a server (RFC 862).
package final class DatagramEcho: Sideline {
  private let policy: AccessPolicy
  private let sockets: DatagramSockets
  private let questions: DatagramBatch
  private var responder: DatagramResponder

  /// How many batches are answered before the server looks after its other work.
  private static let burst = 16

  /// Takes over sockets.
  ///
  /// - Parameters:
  ///   - prefix: What is put before each datagram.
  ///   - policy: Who is answered.
  ///   - report: Reports what went wrong with a datagram.
  /// - Throws: `ENOMEM`.
  package init(
    _ sockets: DatagramSockets, prefix: [UInt8], policy: AccessPolicy,
    report: @escaping (DatagramEvent) -> Void
  ) throws(SystemError) {
    questions = try DatagramBatch(over: sockets.family)
    responder = try DatagramResponder(with: .echo(prefix: prefix), over: sockets.family, report: report)
    responder.policy = policy
    self.policy = policy
    self.sockets = sockets
  }

  /// The addresses that are bound.
  package var locals: [Address] { sockets.locals }

  /// The descriptor to wait on.
  package var number: FileDescriptor { sockets.number }

  /// Closes the descriptors in a child process.
  package func closeInChild() { sockets.closeInChild() }

  /// Answers until a signal asks for the end, for a server that does nothing else.
  package func run(until signals: borrowing SignalQueue) throws(SystemError) {
    var stops = StopRequests()
    while true {
      var readiness = PollSet()
      readiness.add(signals.number, for: .readable)
      readiness.add(number, for: .readable)
      _ = try readiness.wait(until: .never)
      guard case .goOn = stops.take(from: signals, for: policy) else { return }
      try attend()
    }
  }

  /// Answers what has come.
  package func attend() throws(SystemError) {
    for _ in 0..<Self.burst {
      guard try sockets.receive(into: questions) else { return }
      try responder.answer(questions, by: sockets)
    }
  }
}
