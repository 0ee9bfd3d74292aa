// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

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
    let report = report
    sockets.deliver(
      answers, sent: { answered.add(answers, $0) }, failed: { report(.answerFailed($0)) })
  }

  private mutating func isDue(at index: Int, of questions: DatagramBatch, _ now: Deadline) -> Bool {
    let question = questions.datagram(at: index)
    guard answer.isDue(to: question), policy?.admits(question.source) ?? true else { return false }
    let verdict = questions.withBytes(at: index) { loops.judge($0, from: question.source, at: now) }
    if verdict == .suspected { report(.loopSuspected(question.source)) }
    return verdict == .answered
  }
}
