// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage

/// Echoes datagrams on the side of a server (RFC 862).
package final class DatagramEcho: Sideline {
  private let admission: Admission
  private let socket: DatagramSocket
  private let questions: DatagramBatch
  private var responder: DatagramResponder

  /// How many batches are answered before the server looks after its other work.
  private static let burst = 16

  /// Takes over a socket.
  ///
  /// - Parameters:
  ///   - prefix: What is put before each datagram.
  ///   - admission: Who is answered.
  ///   - failed: Told of an answer that could not be sent.
  /// - Throws: `ENOMEM`.
  package init(
    _ socket: consuming DatagramSocket, prefix: [UInt8], admission: Admission,
    failed: @escaping (SystemError) -> Void
  ) throws(SystemError) {
    let questions = try DatagramBatch(over: socket.family)
    responder = try DatagramResponder(with: .echo(prefix: prefix), over: socket.family, failed: failed)
    responder.admission = admission
    self.admission = admission
    self.questions = questions
    self.socket = socket
  }

  /// The address that is bound.
  package var local: Address { socket.local }

  /// The descriptor to wait on.
  package var number: FileDescriptor { socket.number }

  /// Closes the descriptor in a child process.
  package func closeInChild() { ChildProcess.close(number) }

  /// Answers until a signal asks for the end, for a server that does nothing else.
  package func run(until signals: borrowing SignalQueue) throws(SystemError) {
    var stops = StopRequests()
    while true {
      var readiness = PollSet()
      readiness.add(signals.number, for: .readable)
      readiness.add(number, for: .readable)
      _ = try readiness.wait(until: .never)
      guard case .goOn = stops.take(from: signals, for: admission) else { return }
      try attend()
    }
  }

  /// Answers what has come.
  package func attend() throws(SystemError) {
    for _ in 0..<Self.burst {
      guard try socket.receive(into: questions) else { return }
      try responder.answer(questions, by: socket)
    }
  }
}
