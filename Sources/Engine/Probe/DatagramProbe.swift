// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import Transport

/// A connected datagram socket whose port counts as open if nothing refuses a datagram of one byte for a while: neither an
/// answer nor an error of ICMP has to come.
package final class DatagramProbe: LayeredStream {
  /// The time in which a refusal has to arrive; `nil` until the datagram was sent.
  private var refusalEnd: Deadline?

  /// How long a refusal is awaited, which takes about as long as a round trip.
  private static let patience = Duration.seconds(1)
  /// What is sent, as by `nc`.
  private static let content = Array("X".utf8)

  /// Takes ownership of a connected socket.
  package init(_ socket: consuming StreamSocket) { super.init(over: DatagramStream(socket)) }

  package override var deadline: Deadline { refusalEnd ?? .never }

  package override func interest(reading: Bool, writing: Bool) -> Readiness { .readable }

  /// Sends the datagram, and awaits its refusal.
  ///
  /// - Throws: The refusal, `ECONNREFUSED`, or an error of the path to the peer.
  package override func handshake() throws(IOFailure) -> Finish {
    guard let end = refusalEnd else {
      refusalEnd = .after(Self.patience)
      _ = try write(Self.content.span, moreFollows: false)
      return .wouldBlock
    }
    if let reason = try takeError() { throw IOFailure(.connect(remote), reason) }
    // An answer.
    if hasBytes { return .done }
    return end.hasPassed ? .done : .wouldBlock
  }
}
