// SPDX-License-Identifier: GPL-3.0-or-later

import FuzzSupport
import Handshakes
import Sockets

/// A server that was asked for TLS.
struct Asked {
  /// Whether it has accepted.
  private(set) var isAccepted = false
  /// The number of bytes up to then.
  private(set) var taken = 0
  /// The failure, in words.
  private(set) var problem: String?
  /// What was sent to it.
  private(set) var sent: [UInt8] = []

  /// Asks a server that sends bytes in pieces.
  init(_ service: StartTLSProtocol, _ bytes: ArraySlice<UInt8>, in pieces: Pieces) {
    var handshake = StartTLS(service, with: "h", server: "s", client: "c")
    var (sent, taken, isAccepted, problem) = ([UInt8](), 0, false, String?.none)
    func give(_ piece: Span<UInt8>) {
      guard !isAccepted, problem == nil else { return }
      do throws(IOFailure) {
        switch try handshake.step(piece, &sent) {
        case .incomplete: taken += piece.count
        case .complete(let count):
          precondition(count == piece.count, "bytes behind the acceptance are left")
          taken += count
          isAccepted = true
        case .verify, .ask: preconditionFailure("a server has no password to verify")
        }
      } catch {
        guard case .peerProtocol(let text) = error.reason else { preconditionFailure("\(error)") }
        precondition(
          text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F || $0 == "\t" },
          "a message has control characters")
        problem = text
      }
    }
    let nothing: [UInt8] = []
    give(nothing.span)
    pieces.cut(bytes, give)
    (self.sent, self.taken, self.isAccepted, self.problem) = (sent, taken, isAccepted, problem)
  }
}
