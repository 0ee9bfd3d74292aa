// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// A connected datagram socket as the far side of a relay: each datagram is one read, and each write one datagram.
///
/// Datagrams have neither an end nor acknowledgements, so nothing is sent when the input ends, and what the kernel has
/// accepted counts as delivered. Empty datagrams and those of other peers are skipped.
package final class DatagramStream: SocketStream {
  /// The maximum size of a datagram that is sent, as for `nc`; more bytes of one write become several datagrams.
  package static let longestSent = 16 << 10

  /// Not a socket that the kernel could move bytes into or out of in pieces of its own choice.
  package override var medium: DescriptorKind { .opaque }
  package override var isReadWhole: Bool { true }

  /// Receives the next datagram of the peer that has any bytes.
  package override func read(
    into buffer: inout MutableSpan<UInt8>, atMost limit: Int
  ) throws(IOFailure) -> Transfer {
    do {
      while let (count, source) = try Transfer.receiveDatagram(from: descriptor, into: &buffer) {
        // A socket that was bound first may have received from others before it was connected.
        let isOfPeer = remote.family == .unix || source.map(remote.isAnswered) ?? true
        if count > 0, isOfPeer { return .moved(count) }
      }
      return .wouldBlock
    } catch {
      throw readError(error)
    }
  }

  /// Sends one datagram.
  package override func write(_ buffer: Span<UInt8>, moreFollows: Bool) throws(IOFailure) -> Transfer {
    try super.write(buffer.extracting(first: Self.longestSent), moreFollows: false)
  }

  /// Does nothing: datagrams have no end.
  package override func finish() -> Finish { .done }
  /// Always 0.
  package override func unacknowledgedBytes() -> Int { 0 }
  /// Unknown.
  package override func acknowledgedBytes() -> Int? { nil }
  /// Unknown.
  package override func lastDelivery(at now: Deadline) -> Deadline? { nil }
  /// Does nothing: silence says nothing about a peer.
  package override func probePeer() {}
}
