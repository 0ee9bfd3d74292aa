// SPDX-License-Identifier: GPL-3.0-or-later

import Handshakes
import Sockets

/// The end of a handshake with a server whose bytes are known.
struct DialogueRun: Equatable {
  /// What the server's bytes lead to.
  enum End: Equatable {
    /// More bytes are needed.
    case incomplete
    /// The server has accepted.
    case accepted
    /// The failure, in words.
    case failed(String)
  }

  /// The end.
  let end: End
  /// What was sent to the server.
  let sent: [UInt8]

  /// Runs a handshake with a server's bytes in pieces, up to its end.
  init(_ service: StartTLSProtocol, _ pieces: [ArraySlice<UInt8>], client: String? = "client.example") {
    var handshake = StartTLS(service, with: "server:9", server: "server", client: client)
    var sent: [UInt8] = []
    var end = End.incomplete
    do throws(IOFailure) {
      for piece in [[]] + pieces {
        guard case .complete(let taken) = try handshake.step(piece.span, &sent) else { continue }
        precondition(taken == piece.count)
        end = .accepted
        break
      }
    } catch {
      precondition(error.operation == .secure(with: "server:9"), "\(error)")
      end = .failed(error.explanation)
    }
    self.end = end
    self.sent = sent
  }

  /// The same with all bytes in one piece.
  init(_ service: StartTLSProtocol, _ bytes: [UInt8]) { self.init(service, [bytes[...]]) }

  /// The runs with all bytes in one piece, in two pieces, cut at each place, and byte by byte.
  static func all(_ service: StartTLSProtocol, _ bytes: [UInt8]) -> [DialogueRun] {
    let cut = (1..<max(1, bytes.count)).map { DialogueRun(service, [bytes[..<$0], bytes[$0...]]) }
    return [DialogueRun(service, bytes), DialogueRun(service, bytes.indices.map { bytes[$0...$0] })] + cut
  }
}
