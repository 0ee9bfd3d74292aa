// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import SystemPackage

/// What a receiver of datagrams answers.
package enum DatagramAnswer: Equatable, Sendable {
  /// The question itself after a prefix, as RFC 862 has it without one.
  case echo(prefix: [UInt8])
  /// The same bytes to every question.
  case fixed([UInt8])

  /// The ports of services that answer anything, with which two servers would talk for ever; and 0, which is
  /// none.
  private static let talkativePorts: Set<UInt16> = [0, 7, 13, 17, 19]

  /// Whether a datagram may be answered without starting a loop, such as with the receiver itself, an address of which a
  /// forger put on it; nor is what was sent to many echoed, of which each would send a copy back.
  package func isDue(to question: Datagram) -> Bool {
    if case .echo = self, question.isToMany { return false }
    return switch question.source {
    case .internet(let address, let port):
      !Self.talkativePorts.contains(port) && question.source != question.destination
        && !(address.isLoopback && port == question.destination.port)
    case .unix, .abstract: true
    case .unnamed: false
    }
  }

  /// What the answers begin with, in front of the question.
  var prefix: [UInt8] {
    if case .echo(let prefix) = self { prefix } else { [] }
  }

  /// Adds the answer to a datagram of one batch to another.
  ///
  /// - Throws: `EMSGSIZE` if the prefix makes it longer than any datagram.
  func append(to answers: DatagramBatch, for index: Int, of questions: DatagramBatch) throws(SystemError) {
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
      throw SystemError(.sendDatagram(to: questions.datagram(at: index).source), .messageTooLong)
    }
  }
}
