// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import SystemPackage

/// Answers datagrams, from the address that was asked.
package struct DatagramResponder {
  private let answer: DatagramAnswer
  private let answers: DatagramBatch
  private let failed: (SystemError) -> Void
  /// Who is answered; everybody without it.
  package var admission: Admission?
  /// What was answered.
  package private(set) var answered = DatagramTally()

  /// How long an answer may wait for room in the send buffer.
  private static let patience = Duration.seconds(1)

  /// - Parameters:
  ///   - answer: What every datagram is answered with.
  ///   - failed: Told of an answer that could not be sent, which is no reason to stop.
  /// - Throws: `ENOMEM`.
  package init(
    with answer: DatagramAnswer, over family: AddressFamily, failed: @escaping (SystemError) -> Void
  ) throws(SystemError) {
    self.answer = answer
    self.failed = failed
    answers = try DatagramBatch(over: family)
  }

  /// Answers a batch of datagrams, except those that must not be.
  mutating func answer(
    _ questions: DatagramBatch, by socket: borrowing DatagramSocket
  ) throws(SystemError) {
    answers.removeAll()
    for index in 0..<questions.count where isDue(to: questions.datagram(at: index)) {
      do { try answer.append(to: answers, for: index, of: questions) } catch { failed(error) }
    }
    var next = 0
    while next < answers.count {
      do {
        let count = try socket.send(answers, from: next, count: answers.count - next)
        if count == 0 { try awaitRoom(in: socket, toAnswer: answers.datagram(at: next).source) }
        answered.add(answers, next..<next + count)
        next += count
      } catch {
        // What is wrong concerns the first of them alone.
        failed(SystemError(.sendDatagram(to: answers.datagram(at: next).source), error.code))
        next += 1
      }
    }
  }

  private func isDue(to question: Datagram) -> Bool {
    answer.isDue(to: question) && (admission?.admits(question.source) ?? true)
  }

  /// Waits for room in the send buffer; a Unix socket does not tell when its reader has room again.
  private func awaitRoom(
    in socket: borrowing DatagramSocket, toAnswer peer: Address
  ) throws(SystemError) {
    var readiness = PollSet()
    readiness.add(socket.number, for: .writable)
    guard socket.family != .unix, try readiness.wait(until: .after(Self.patience)) else {
      throw SystemError(.sendDatagram(to: peer), .wouldBlock)
    }
  }
}
