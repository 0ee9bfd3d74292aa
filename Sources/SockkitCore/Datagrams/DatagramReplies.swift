// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// The replies to datagrams that were sent: written out as they come, and stayed for.
package struct DatagramReplies {
  private let output: DatagramOutput
  private let patience: Duration
  private let expected: Int?
  private var batch: DatagramBatch?
  /// What came.
  package private(set) var received = DatagramTally()

  /// - Parameters:
  ///   - output: Where the replies are written.
  ///   - patience: How long to stay for them once everything is sent.
  ///   - expected: How many there are to be, after which nobody stays any longer; `nil` for any number.
  package init(to output: DatagramOutput, patience: Duration, expected: Int?) {
    self.output = output
    self.patience = patience
    self.expected = expected
  }

  /// Whether as many came as are expected.
  var isComplete: Bool { expected.map { received.datagrams >= $0 } ?? false }

  /// Receives the replies that wait, and writes them.
  ///
  /// - Parameter end: When to stop, however many more are waiting.
  mutating func receive(
    from socket: borrowing DatagramSocket, until end: Deadline
  ) throws(SystemError) {
    if batch == nil { batch = try DatagramBatch(over: socket.family) }
    guard let batch else { return }
    var isWaiting = true
    while isWaiting, !isComplete, !end.hasPassed {
      let missing = expected.map { $0 - received.datagrams } ?? .max
      guard try socket.receive(into: batch, limit: missing) else { break }
      received.add(batch, 0..<batch.count)
      output.add(batch)
      isWaiting = batch.isFull
    }
    while try !output.write() {
      var readiness = PollSet()
      readiness.add(output.number, for: .writable)
      _ = try readiness.wait(until: .never)
    }
  }

  /// Stays until as many came as are expected, or the time is over.
  ///
  /// - Throws: A `Failure` if fewer came, and a `SystemError` if what was sent turns out to be refused.
  mutating func stay(on socket: borrowing DatagramSocket) throws {
    let end = Deadline.after(patience)
    while !isComplete, !end.hasPassed {
      var readiness = PollSet()
      readiness.add(socket.number, for: .readable)
      guard try readiness.wait(until: end) else { break }
      if readiness.readiness(of: socket.number).contains(.failed) { try socket.throwPendingError() }
      try receive(from: socket, until: end)
    }
    guard let expected, !isComplete else { return }
    let from = socket.remote.map { " from \($0)" } ?? ""
    throw Failure(
      .timedOut, "receive\(from): timed out, \(received.datagrams) of \(expected) replies came")
  }

  /// Closes the output.
  package func close() throws(SystemError) { try output.close() }
}
