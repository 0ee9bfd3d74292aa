// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import Text
import Transport

/// The statistics (`--stats`) of a connection at its end.
package struct TransferStatistics: Statistics {
  /// One direction.
  struct Direction: Encodable {
    /// The number of bytes.
    let bytes: Int
    /// The duration in seconds.
    let seconds: Double
    /// The average rate.
    let bytesPerSecond: Double

    /// Creates the counts of one direction over a duration.
    init(_ flow: TransferCounters, over duration: Duration) {
      bytes = flow.passed
      seconds = duration.seconds
      bytesPerSecond = seconds > 0 ? Double(bytes) / seconds : 0
    }

    /// The counts for people.
    var text: String {
      "\(bytes) bytes in \(Decimals.text(seconds, places: 3)) s, \(SizeFormat.describe(bytesPerSecond))/s"
    }
  }

  /// The kernel's information about a TCP connection.
  struct TCP: Encodable {
    /// The round-trip time.
    let roundTripMilliseconds: Double
    /// The variation of the round-trip time.
    let roundTripVariationMilliseconds: Double
    /// The number of retransmissions.
    let retransmissions: Int
    /// The maximum segment size in bytes.
    let maximumSegmentSize: Int
    /// The congestion window in segments.
    let congestionWindow: Int

    /// Creates a copy of the kernel's information.
    init(_ information: TCPInformation) {
      roundTripMilliseconds = information.roundTripTime.seconds * 1000
      roundTripVariationMilliseconds = information.roundTripVariation.seconds * 1000
      retransmissions = information.retransmissions
      maximumSegmentSize = information.segmentSize
      congestionWindow = information.congestionWindow
    }

    /// The information for people.
    var text: String {
      "round-trip time \(Decimals.text(roundTripMilliseconds, places: 3)) ms "
        + "(variation \(Decimals.text(roundTripVariationMilliseconds, places: 3)) ms), "
        + "\(retransmissions) \(retransmissions == 1 ? "retransmission" : "retransmissions"), MSS \(maximumSegmentSize) bytes, "
        + "congestion window \(congestionWindow) segments"
    }
  }

  private let peer: Address?
  /// The peer, if there may be several connections.
  let remote: AddressRecord?
  /// The bytes sent.
  let sent: Direction
  /// The bytes received.
  let received: Direction
  /// The kernel's information; `nil` if the connection is not TCP.
  let tcp: TCP?

  /// Creates the statistics of a relay.
  ///
  /// - Parameters:
  ///   - information: The kernel's information; `nil` if the connection is not TCP.
  ///   - remote: The peer, if there are several connections.
  init(_ report: Relay.Report, tcp information: TCPInformation?, remote: Address? = nil) {
    peer = remote
    self.remote = remote.map(AddressRecord.init)
    sent = Direction(report.sent, over: report.duration)
    received = Direction(report.received, over: report.duration)
    tcp = information.map(TCP.init)
  }

  /// The statistics as lines for people, which begin with the peer if there are several connections.
  package var lines: [String] {
    let label = peer.map { "\($0): " } ?? ""
    let lines = ["sent \(sent.text)", "received \(received.text)"] + (tcp.map { ["tcp: \($0.text)"] } ?? [])
    return lines.map { label + $0 }
  }

  private enum CodingKeys: CodingKey { case remote, sent, received, tcp }
}
