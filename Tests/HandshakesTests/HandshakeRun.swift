// SPDX-License-Identifier: GPL-3.0-or-later

import HTTP
import Handshakes
import Sockets

/// The end of a handshake with a peer whose bytes are known.
struct HandshakeRun: Equatable {
  /// What the peer's bytes lead to.
  enum End: Equatable {
    /// More bytes are needed.
    case incomplete
    /// The handshake is complete, and these bytes behind it are payload.
    case complete(payload: [UInt8])
    /// The failure.
    case failed(IOFailure)
  }

  /// The end.
  let end: End
  /// What was sent to the peer.
  let sent: [UInt8]
  /// What the peer has asked for, if it is the client of a proxy.
  let request: ProxyRequest?

  /// Runs a handshake with a peer's bytes in pieces, up to its end.
  init(_ start: some Handshake, _ pieces: [ArraySlice<UInt8>]) {
    var handshake = start
    var sent: [UInt8] = []
    var end = End.incomplete
    do throws(IOFailure) {
      for (index, piece) in ([[]] + pieces).enumerated() {
        var rest = piece
        var step = try handshake.step(rest.span, &sent)
        work: while true {
          switch step {
          case .verify(let verification, let taken):
            verification.perform()
            rest = rest.dropFirst(taken)
          case .ask(let question, let taken):
            question.perform()
            rest = rest.dropFirst(taken)
          case .incomplete, .complete: break work
          }
          step = try handshake.step(rest.span, &sent)
        }
        guard case .complete(let taken) = step else { continue }
        end = .complete(payload: Array(rest.dropFirst(taken)) + pieces.dropFirst(index).joined())
        break
      }
    } catch {
      end = .failed(error)
    }
    self.end = end
    self.sent = sent
    request = (handshake as? ProxyRequestReader)?.request
  }

  /// The same with all bytes in one piece.
  init(_ start: some Handshake, _ bytes: [UInt8]) { self.init(start, [bytes[...]]) }

  /// The runs with all bytes in one piece, in two pieces, cut at each place, and byte by byte.
  static func all(_ start: some Handshake, _ bytes: [UInt8]) -> [HandshakeRun] {
    let cut = (1..<max(1, bytes.count)).map { HandshakeRun(start, [bytes[..<$0], bytes[$0...]]) }
    return [HandshakeRun(start, bytes), HandshakeRun(start, bytes.indices.map { bytes[$0...$0] })] + cut
  }
}
