// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import Synchronization
import Text

/// What `--stats` says of one forwarded connection at its end, or of all together.
package struct ForwardStatistics: Statistics {
  /// One direction.
  struct Direction: Encodable {
    let bytes: Int
    let bytesPerSecond: Double

    fileprivate init(_ bytes: Int, in seconds: Double) {
      self.bytes = bytes
      bytesPerSecond = seconds > 0 ? Double(bytes) / seconds : 0
    }

    fileprivate var text: String { "\(bytes) bytes (\(SizeFormat.describe(bytesPerSecond))/s)" }
  }

  /// Whose connection it was; of all together there is none.
  var client: AddressRecord?
  /// How many connections there were, and how many of them did not reach the target.
  var connections: Int?
  var failed: Int?
  let toTarget: Direction
  let toClient: Direction
  let seconds: Double
  private let subject: String

  private enum CodingKeys: CodingKey {
    case client, connections, failed, toTarget, toClient, seconds
  }

  /// Sums up one connection.
  init(client: Address, toTarget: Int, toClient: Int, over duration: Duration) {
    self.client = AddressRecord(client)
    seconds = duration.seconds
    self.toTarget = Direction(toTarget, in: seconds)
    self.toClient = Direction(toClient, in: seconds)
    subject = "\(client)"
  }

  /// Sums up all connections.
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

/// What was forwarded so far, counted by any thread.
final class ForwardTotals: Sendable {
  /// The counts.
  struct Counts {
    var connections = 0
    var failed = 0
    var toTarget = 0
    var toClient = 0
  }

  private let state = Guarded(Counts())
  private let began = Deadline.now

  /// Takes note of something that happened to a connection.
  func count(_ event: ForwardEvent) {
    switch event {
    case .failed: state.withLock { $0.failed += 1 }
    case .closed(_, let toTarget, let toClient, _):
      state.withLock {
        $0.connections += 1
        $0.toTarget += toTarget
        $0.toClient += toClient
      }
    case .reception, .attemptFailed, .connected, .broken: break
    }
  }

  /// What all together come to by now.
  var statistics: ForwardStatistics {
    ForwardStatistics(state.withLock { $0 }, over: began.duration(until: .now))
  }
}
