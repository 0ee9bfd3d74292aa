// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import Text
import Transport

/// What `--stats` says of a connection at its end.
package struct TransferStatistics: Statistics {
  /// One direction.
  struct Direction: Encodable {
    let bytes: Int
    let seconds: Double
    let bytesPerSecond: Double

    /// Counts what one direction passed on in a time.
    init(_ flow: TransferCounters, over duration: Duration) {
      bytes = flow.passed
      seconds = duration.seconds
      bytesPerSecond = seconds > 0 ? Double(bytes) / seconds : 0
    }

    var text: String {
      "\(bytes) bytes in \(Decimals.text(seconds, places: 3)) s, \(SizeFormat.describe(bytesPerSecond))/s"
    }
  }

  /// What the kernel says of a TCP connection.
  struct TCP: Encodable {
    let roundTripMilliseconds: Double
    let roundTripVariationMilliseconds: Double
    let retransmissions: Int
    let maximumSegmentSize: Int
    let congestionWindow: Int

    /// Takes over what the kernel said.
    init(_ information: TCPInformation) {
      roundTripMilliseconds = information.roundTripTime.seconds * 1000
      roundTripVariationMilliseconds = information.roundTripVariation.seconds * 1000
      retransmissions = information.retransmissions
      maximumSegmentSize = information.segmentSize
      congestionWindow = information.congestionWindow
    }

    var text: String {
      "round-trip time \(Decimals.text(roundTripMilliseconds, places: 3)) ms "
        + "(variation \(Decimals.text(roundTripVariationMilliseconds, places: 3)) ms), "
        + "\(retransmissions) \(retransmissions == 1 ? "retransmission" : "retransmissions"), MSS \(maximumSegmentSize) bytes, "
        + "congestion window \(congestionWindow) segments"
    }
  }

  private let peer: Address?
  let remote: AddressRecord?
  let sent: Direction
  let received: Direction
  let tcp: TCP?

  /// Sums up a relay.
  ///
  /// - Parameters:
  ///   - information: What the kernel says; `nil` where the connection is not TCP.
  ///   - remote: Whom the connection was with, where there are several.
  init(_ report: Relay.Report, tcp information: TCPInformation?, remote: Address? = nil) {
    peer = remote
    self.remote = remote.map(AddressRecord.init)
    sent = Direction(report.sent, over: report.duration)
    received = Direction(report.received, over: report.duration)
    tcp = information.map(TCP.init)
  }

  /// The statistics as lines for people, which begin with the peer where there are several.
  package var lines: [String] {
    let label = peer.map { "\($0): " } ?? ""
    let lines = ["sent \(sent.text)", "received \(received.text)"] + (tcp.map { ["tcp: \($0.text)"] } ?? [])
    return lines.map { label + $0 }
  }

  private enum CodingKeys: CodingKey { case remote, sent, received, tcp }
}
