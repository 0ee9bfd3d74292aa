// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
package import SystemPackage

/// The kernel's information about a TCP connection: `TCP_INFO`.
package struct TCPInformation: Equatable, Sendable {
  /// The smoothed round-trip time.
  package let roundTripTime: Duration
  /// The variation of the round-trip time.
  package let roundTripVariation: Duration
  /// The number of segments retransmitted over the connection's life.
  package let retransmissions: Int
  /// The largest segment sent, in bytes.
  package let segmentSize: Int
  /// The congestion window, in segments.
  package let congestionWindow: Int
  /// The number of bytes that the peer's system has acknowledged; for a client, the SYN counts as one more. The number
  /// remains available after a reset, which empties the send buffer.
  package let acknowledged: Int
  /// The number of bytes that have arrived in order, read or not; the peer's FIN counts as one.
  package let received: Int
  /// The time since the last acknowledgement arrived.
  package let sinceAcknowledgement: Duration
  /// Whether the state is CLOSE: the connection has been reset, or it has ended in order on both sides.
  package let isClosed: Bool

  /// Queries the kernel; `nil` if the socket is not a TCP connection.
  package init?(of socket: FileDescriptor) {
    var info = csockkit_tcp_info()
    let status = try? systemCall("getsockopt(\(socket.rawValue), IPPROTO_TCP, TCP_INFO)") {
      unsafe csockkit_tcp_info(socket.rawValue, &info)
    }
    guard status == 0 else { return nil }
    roundTripTime = .microseconds(info.round_trip_time)
    roundTripVariation = .microseconds(info.round_trip_variation)
    retransmissions = Int(info.retransmissions)
    segmentSize = Int(info.segment_size)
    congestionWindow = Int(info.congestion_window)
    acknowledged = Int(info.acknowledged)
    received = Int(info.received)
    sinceAcknowledgement = .milliseconds(info.since_acknowledgement)
    isClosed = info.state == Platform.tcpClosed
  }
}
