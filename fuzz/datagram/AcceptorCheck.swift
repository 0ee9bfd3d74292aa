// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import TLS

/// Sends datagrams to a DTLS server from an address that it does not know.
final class AcceptorCheck {
  /// The server; the fuzzer has one thread.
  nonisolated(unsafe) static let shared = AcceptorCheck()

  private let acceptor: DTLSAcceptor

  private init() {
    var settings = TLSServerSettings()
    settings.common.isDatagram = true
    settings.selfSignedNames = ["server.example"]
    guard let context = try? TLSContext(server: settings, report: { _ in }) else {
      fatalError("the library cannot be used")
    }
    acceptor = DTLSAcceptor { context }
  }

  /// Stops the program if a datagram is accepted without a cookie, or answered with a larger one.
  func check(_ datagram: [UInt8]) {
    var answers: [[UInt8]] = []
    let session = acceptor.accept(datagram.span, from: .internet(.loopbackIPv4, port: 9)) {
      answers.append($0)
    }
    precondition(session == nil, "a client without a cookie gets a session")
    guard let answer = answers.first else { return }
    precondition(answers.count == 1, "a datagram has several answers")
    precondition(answer.count < datagram.count, "an answer is larger than the datagram")
    precondition(Self.isHello(datagram), "what is no ClientHello is answered")
    // The handshake message 3 is HelloVerifyRequest (RFC 6347, section 4.3.2).
    precondition(answer[0] == 22 && answer[13] == 3, "the answer asks for no cookie")
  }

  /// Whether a datagram begins with the first fragment of a ClientHello up to its random number, in epoch 0.
  private static func isHello(_ datagram: [UInt8]) -> Bool {
    datagram.count >= 13 + 12 + 34 && datagram[0] == 22 && datagram[3...4] == [0, 0] && datagram[13] == 1
      && datagram[19...21] == [0, 0, 0]
  }
}
