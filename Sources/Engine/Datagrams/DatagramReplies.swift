// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// The replies to sent datagrams, which are written as they arrive.
package struct DatagramReplies {
  private let output: DatagramOutput
  private let patience: Duration
  private let expected: Int?
  private let acceptsAnySource: Bool
  private var batch: DatagramBatch?
  /// The counters of received replies.
  package private(set) var received = DatagramTally()
  /// The number of datagrams from other sources, which are not counted as replies, and the first such source.
  private var strays: (count: Int, first: Address)?

  /// - Parameters:
  ///   - output: The output for the replies.
  ///   - patience: How long to wait for them once everything is sent.
  ///   - expected: The number of replies after which the wait ends; `nil` for any number.
  ///   - acceptsAnySource: Whether a reply may come from another address or port than the destination.
  package init(
    to output: DatagramOutput, patience: Duration, expected: Int?, acceptsAnySource: Bool = false
  ) {
    self.output = output
    self.patience = patience
    self.expected = expected
    self.acceptsAnySource = acceptsAnySource
  }

  /// Whether the expected number has arrived.
  var isComplete: Bool { expected.map { received.datagrams >= $0 } ?? false }

  /// Receives the available replies, and writes them.
  ///
  /// - Parameter end: When to stop, however many more are available.
  mutating func receive(from route: DatagramRoute, until end: Deadline) throws(IOFailure) {
    if batch == nil { batch = try DatagramBatch(over: route.remote.family) }
    guard let batch else { return }
    var isWaiting = true
    while isWaiting, !isComplete, !end.hasPassed {
      let missing = expected.map { $0 - received.datagrams } ?? .max
      guard try route.receive(into: batch, limit: missing) else { break }
      for index in 0..<batch.count { take(batch, at: index, from: route) }
      isWaiting = batch.isFull || batch.count == missing
    }
    while try !output.write() {
      try output.descriptor.wait(for: .writable, until: .never)
    }
  }

  private mutating func take(_ batch: DatagramBatch, at index: Int, from route: DatagramRoute) {
    let source = batch.datagram(at: index).source
    guard acceptsAnySource || route.isReply(from: source) else {
      strays = ((strays?.count ?? 0) + 1, strays?.first ?? source)
      return
    }
    received.add(batch, index..<index + 1)
    output.add(batch, at: index)
  }

  /// Waits until the expected number has arrived, or the time is over.
  ///
  /// - Throws: A `Failure` if fewer arrived, and a `IOFailure` if a sent datagram turns out to be refused.
  mutating func stay(on route: DatagramRoute) throws {
    let end = Deadline.after(patience)
    while !isComplete, !end.hasPassed, let readiness = try route.wait(for: .readable, until: end) {
      guard !readiness.isEmpty else { break }
      if readiness.contains(.failed), let error = try route.nextError() { throw error }
      try receive(from: route, until: end)
    }
    guard let expected, !isComplete else { return }
    throw Failure(
      .timedOut,
      "receive from \(route.receiver): timed out, \(received.datagrams) of \(expected) replies came\(strayNote)"
    )
  }

  private var strayNote: String {
    guard let strays else { return "" }
    let number =
      strays.count == 1
      ? "1 came from \(strays.first)" : "\(strays.count) came from elsewhere, the first from \(strays.first)"
    return "; \(number) (--any-source takes these)"
  }

  /// Closes the output.
  package func close() throws(IOFailure) { try output.close() }
}
