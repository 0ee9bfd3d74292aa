// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import SystemPackage

/// The answer to received datagrams.
package enum DatagramAnswer: Equatable, Sendable {
  /// The datagram itself after a prefix; without a prefix as in RFC 862.
  case echo(prefix: [UInt8])
  /// The same bytes in answer to every datagram.
  case fixed([UInt8])

  /// The ports of services that answer every datagram, so that two servers would answer each other endlessly; and 0,
  /// which is not a valid port.
  private static let talkativePorts: Set<UInt16> = [0, 7, 13, 17, 19]

  /// Whether a datagram may be answered without starting a loop, for example with the receiver itself, whose address
  /// may be forged as the source. A datagram sent to a group or by broadcast is not echoed: every receiver would send a
  /// copy back.
  package func isDue(to question: Datagram) -> Bool {
    if case .echo = self, question.isToMany { return false }
    return switch question.source {
    case .internet(let address, let port):
      !Self.talkativePorts.contains(port) && question.source != question.destination
        && !(address.isLoopback && port == question.destination.port)
    case .unix, .abstract, .vsock: true
    case .unnamed: false
    }
  }

  /// The prefix of the answers, before the datagram itself.
  var prefix: [UInt8] {
    if case .echo(let prefix) = self { prefix } else { [] }
  }

  /// Appends the answer to a datagram of one batch to another batch.
  ///
  /// - Throws: `EMSGSIZE` if the prefix makes it longer than any datagram.
  func append(to answers: DatagramBatch, for index: Int, of questions: DatagramBatch) throws(IOFailure) {
    let nothing: [UInt8] = []
    do {
      switch self {
      case .echo(let prefix):
        try questions.withBytes(at: index) {
          try answers.append(prefix.span, $0, answering: index, of: questions)
        }
      case .fixed(let bytes):
        try answers.append(bytes.span, nothing.span, answering: index, of: questions)
      }
    } catch {
      throw IOFailure(.sendDatagram(to: questions.datagram(at: index).source), .messageTooLong)
    }
  }
}
