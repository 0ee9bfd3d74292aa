// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import SystemPackage

/// Answers datagrams, from the address that they were sent to.
package struct DatagramResponder {
  private let answer: DatagramAnswer
  private let answers: DatagramBatch
  private let report: (DatagramEvent) -> Void
  private var loops: LoopGuard
  /// The peers that are answered; `nil` for all.
  package var policy: AccessPolicy?
  /// The counters of answered datagrams.
  package private(set) var answered = DatagramTally()

  /// The longest wait of an answer for room in the send buffer.
  private static let patience = Duration.seconds(1)

  /// - Parameters:
  ///   - answer: The answer to every datagram.
  ///   - report: Called for an answer that could not be sent, or was not sent because it may belong to a loop.
  /// - Throws: `ENOMEM`.
  package init(
    with answer: DatagramAnswer, over family: AddressFamily, report: @escaping (DatagramEvent) -> Void
  ) throws(IOFailure) {
    self.answer = answer
    self.report = report
    loops = LoopGuard(prefix: answer.prefix)
    answers = try DatagramBatch(over: family)
  }

  /// Answers a batch of datagrams, except those that must not be answered.
  mutating func answer(
    _ questions: DatagramBatch, by sockets: DatagramSockets
  ) throws(IOFailure) {
    answers.removeAll()
    let now = Deadline.now
    for index in 0..<questions.count where isDue(at: index, of: questions, now) {
      do { try answer.append(to: answers, for: index, of: questions) } catch { report(.answerFailed(error)) }
    }
    var next = 0
    while next < answers.count {
      do {
        let count = try sockets.send(answers, from: next, count: answers.count - next)
        if count == 0 { try awaitRoom(in: sockets, toAnswer: answers.datagram(at: next).source) }
        answered.add(answers, next..<next + count)
        next += count
      } catch {
        // The error concerns only the first of them.
        report(
          .answerFailed(IOFailure(.sendDatagram(to: answers.datagram(at: next).source), error.code)))
        next += 1
      }
    }
  }

  private mutating func isDue(at index: Int, of questions: DatagramBatch, _ now: Deadline) -> Bool {
    let question = questions.datagram(at: index)
    guard answer.isDue(to: question), policy?.admits(question.source) ?? true else { return false }
    let verdict = questions.withBytes(at: index) { loops.judge($0, from: question.source, at: now) }
    if verdict == .suspected { report(.loopSuspected(question.source)) }
    return verdict == .answered
  }

  /// Waits for room in the send buffer; a Unix socket does not report when its reader has room again.
  private func awaitRoom(
    in sockets: DatagramSockets, toAnswer peer: Address
  ) throws(IOFailure) {
    guard sockets.family != .unix,
      try !sockets.sender.wait(for: .writable, until: .after(Self.patience)).isEmpty
    else { throw IOFailure(.sendDatagram(to: peer), .wouldBlock) }
  }
}
