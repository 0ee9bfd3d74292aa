// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import Transport

/// A connected datagram socket whose port counts as open if nothing refuses a datagram for a while: neither an
/// answer nor an error of ICMP has to come.
package final class DatagramProbe: LayeredStream {
  /// What is sent, and how long its refusal is awaited.
  package struct Settings: Sendable {
    /// The payload of the datagram.
    package var content: [UInt8]
    /// How long a refusal is awaited.
    package var patience: Duration

    /// Creates settings; by default the byte is that of `nc`, and the time is longer than most round trips.
    package init(content: [UInt8] = Array("X".utf8), patience: Duration = .seconds(1)) {
      self.content = content
      self.patience = patience
    }
  }

  private let settings: Settings
  /// The time in which a refusal has to arrive; `nil` until the datagram was sent.
  private var refusalEnd: Deadline?

  /// Takes ownership of a connected socket.
  package init(_ socket: consuming StreamSocket, _ settings: Settings = Settings()) {
    self.settings = settings
    super.init(over: DatagramStream(socket))
  }

  package override var deadline: Deadline { refusalEnd ?? .never }

  package override func interest(reading: Bool, writing: Bool) -> Readiness { .readable }

  /// Sends the datagram, and awaits its refusal.
  ///
  /// - Throws: The refusal, `ECONNREFUSED`, or an error of the path to the peer.
  package override func handshake() throws(IOFailure) -> Finish {
    guard let end = refusalEnd else {
      refusalEnd = .after(settings.patience)
      let content = settings.content
      _ = try write(content.span, moreFollows: false)
      return .wouldBlock
    }
    if let reason = try takeError() { throw IOFailure(.connect(remote), reason) }
    // An answer.
    if hasBytes { return .done }
    return end.hasPassed ? .done : .wouldBlock
  }
}
