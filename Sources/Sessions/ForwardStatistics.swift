// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import Synchronization
import Text

/// The statistics (`--stats`) of one forwarded connection at its end, or of all connections together.
package struct ForwardStatistics: Statistics {
  /// One direction.
  struct Direction: Encodable {
    /// The number of bytes.
    let bytes: Int
    /// The average rate.
    let bytesPerSecond: Double

    fileprivate init(_ bytes: Int, in seconds: Double) {
      self.bytes = bytes
      bytesPerSecond = seconds > 0 ? Double(bytes) / seconds : 0
    }

    fileprivate var text: String { "\(bytes) bytes (\(SizeFormat.describe(bytesPerSecond))/s)" }
  }

  /// The client; `nil` for all connections together.
  var client: AddressRecord?
  /// The number of connections that have ended; `nil` for a single connection.
  var connections: Int?
  /// The number of clients that could not be connected to the target; `nil` for a single connection.
  var failed: Int?
  /// The bytes that the target accepted.
  let toTarget: Direction
  /// The bytes that the client accepted.
  let toClient: Direction
  /// The duration in seconds.
  let seconds: Double
  private let subject: String

  private enum CodingKeys: CodingKey {
    case client, connections, failed, toTarget, toClient, seconds
  }

  /// Creates the statistics of one connection.
  init(client: Address, toTarget: Int, toClient: Int, over duration: Duration) {
    self.client = AddressRecord(client)
    seconds = duration.seconds
    self.toTarget = Direction(toTarget, in: seconds)
    self.toClient = Direction(toClient, in: seconds)
    subject = "\(client)"
  }

  /// Creates the statistics of all connections.
  init(_ totals: ForwardTotals.Counts, over duration: Duration) {
    connections = totals.connections
    failed = totals.failed
    seconds = duration.seconds
    toTarget = Direction(totals.toTarget, in: seconds)
    toClient = Direction(totals.toClient, in: seconds)
    subject =
      "\(totals.connections == 1 ? "1 connection" : "\(totals.connections) connections")"
      + (totals.failed > 0 ? ", \(totals.failed) without the target" : "")
  }

  /// The statistics as one line for people.
  package var lines: [String] {
    [
      "\(subject): \(toTarget.text) to the target, \(toClient.text) back in \(Decimals.text(seconds, places: 3)) s"
    ]
  }
}

/// The totals of a forwarder, counted by any thread.
final class ForwardTotals: Sendable {
  /// The counts.
  struct Counts {
    /// The number of connections that have ended.
    var connections = 0
    /// The number of clients that could not be connected to the target.
    var failed = 0
    /// The number of bytes that targets accepted.
    var toTarget = 0
    /// The number of bytes that clients accepted.
    var toClient = 0
  }

  private let state = Guarded(Counts())
  private let began = Deadline.now

  /// Counts an event.
  func count(_ event: ForwardEvent) {
    switch event {
    case .failed: state.withLock { $0.failed += 1 }
    case .closed(_, let toTarget, let toClient, _, _):
      state.withLock {
        $0.connections += 1
        $0.toTarget += toTarget
        $0.toClient += toClient
      }
    case .reception, .attemptFailed, .connected, .associated, .broken: break
    }
  }

  /// The totals up to now.
  var statistics: ForwardStatistics {
    ForwardStatistics(state.withLock { $0 }, over: began.duration(until: .now))
  }
}
