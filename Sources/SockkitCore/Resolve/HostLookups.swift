// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import SystemPackage

/// Looks many names up, several at a time and each within its time, and reports them in the order given.
///
/// Each is looked up in a worker process, because the C resolver cannot be cancelled: one that takes too long
/// is killed.
package final class HostLookups {
  /// A name that a worker is busy with, and how far it has come.
  private struct Assignment {
    let ticket: Int
    let query: String
    let start: Deadline
    let deadline: Deadline
    /// How many questions make up a whole answer.
    let questionCount: Int
    /// What the worker has answered so far.
    var results: [Result<HostEntry, LookupFailure>] = []
  }

  private final class Desk {
    let worker: WorkerProcess
    var assignment: Assignment?
    var hasAnswered = false
    init(_ worker: WorkerProcess) { self.worker = worker }
  }

  private let family: AddressFamily?
  private let names: NameSource
  private let limit: Duration?
  private let report: Report
  private var window: LookupWindow
  private var desks: [Desk] = []
  /// The most workers; what the system allows may turn out to be less than what was asked for.
  private var jobs: Int
  private var scratch = [UInt8](repeating: 0, count: WorkerProcess.largestAnswer)

  /// Takes an answer; what it throws ends the look-ups.
  package typealias Report = (HostAnswer) throws(SystemError) -> Void

  /// How many names are read ahead for each worker, so that none is idle while a slow name holds others up.
  private static let readAhead = 4

  /// Prepares look-ups.
  ///
  /// - Parameters:
  ///   - family: Which addresses are wanted; `nil` for both families.
  ///   - jobs: The most names that are looked up at the same time, at least 1.
  ///   - limit: The time for each name; `nil` for as long as the system's resolver takes.
  ///   - report: Takes each answer, in the order of the names and as soon as all before it are there.
  package init(
    of names: NameSource, family: AddressFamily?, jobs: Int, limit: Duration?, report: @escaping Report
  ) {
    self.family = family
    self.names = names
    self.jobs = jobs
    self.limit = limit
    self.report = report
    window = LookupWindow(capacity: jobs * Self.readAhead)
  }

  /// Looks all names up; no worker is left when it returns.
  ///
  /// - Throws: A failure to read names, to have even one worker, or to report.
  package func run() throws(SystemError) {
    // Letting go of a worker ends it, however this ends.
    defer { desks = [] }
    while true {
      while window.hasRoom, let query = names.next() { window.admit(query) }
      try assign()
      let wasFull = !window.hasRoom
      while let answer = window.takeNext() { try report(answer) }
      // What was read already comes before waiting for more.
      if wasFull && window.hasRoom { continue }
      if window.isEmpty && names.number == nil { return }
      try wait()
    }
  }

  // MARK: Workers

  /// Gives names that wait to workers that are free, as long as there are both.
  private func assign() throws(SystemError) {
    while let (ticket, query) = window.startNext() {
      guard let desk = try freeDesk() else { return window.restart(ticket) }
      let questions = HostLookup.all(of: query, family: family)
      let start: Deadline = .now
      desk.assignment = Assignment(
        ticket: ticket, query: query, start: start, deadline: limit.map { start + $0 } ?? .never,
        questionCount: questions.count)
      // All at once, so that the worker does not wait for a parent that is held up by its own output.
      guard !questions.allSatisfy({ desk.worker.request(HostMessage.encode($0)) }) else { continue }
      if desk.hasAnswered {
        // It ended while it had nothing to do, which is no fault of this name.
        window.restart(ticket)
        dismiss(desk)
      } else {
        fail(desk)
      }
    }
  }

  private func freeDesk() throws(SystemError) -> Desk? {
    if let desk = desks.first(where: { $0.assignment == nil }) { return desk }
    guard desks.count < jobs else { return nil }
    do {
      let desk = Desk(try WorkerProcess { Self.answer($0) })
      desks.append(desk)
      return desk
    } catch {
      guard !desks.isEmpty else { throw error }
      jobs = desks.count
      return nil
    }
  }

  /// What a worker does with a request.
  private static func answer(_ request: [UInt8]) -> [UInt8] {
    guard let question = HostMessage.question(in: request) else {
      return HostMessage.encode(.failure(LookupFailure(Errno.badMessage)))
    }
    let answer = HostMessage.encode(Result { () throws(LookupFailure) in try question.entry() })
    guard answer.count > WorkerProcess.largestAnswer else { return answer }
    return HostMessage.encode(.failure(LookupFailure(Errno.messageTooLong)))
  }

  // MARK: Waiting

  /// Waits until names can be read, a worker has answered, or the time of one is over, and deals with it.
  private func wait() throws(SystemError) {
    var readiness = PollSet()
    let input = window.hasRoom ? names.number : nil
    if let input { readiness.add(input, for: .readable) }
    let busy = desks.filter { $0.assignment != nil }
    for desk in busy { readiness.add(desk.worker.number, for: .readable) }
    let deadline = busy.compactMap(\.assignment?.deadline).min() ?? .never
    _ = try readiness.wait(until: deadline)
    for desk in busy where readiness.readiness(of: desk.worker.number).allowsRead { takeAnswers(from: desk) }
    for desk in busy where desk.assignment?.deadline.hasPassed == true {
      dismiss(desk)
      finish(desk, .failure(LookupFailure(LookupFailure.Verdict.timedOut)))
    }
    if let input, readiness.readiness(of: input).allowsRead { try names.read() }
  }

  private func takeAnswers(from desk: Desk) {
    while let assignment = desk.assignment {
      switch desk.worker.answer(using: &scratch) {
      case .nothing: return
      case .message(let message):
        guard let result = HostMessage.answer(in: message) else {
          dismiss(desk)
          return finish(desk, .failure(LookupFailure(.systemError, "the worker process answered nonsense")))
        }
        desk.hasAnswered = true
        if assignment.results.count + 1 == assignment.questionCount {
          finish(desk, result)
        } else {
          desk.assignment?.results.append(result)
        }
      case .ended: fail(desk)
      }
    }
  }

  /// Deals with a worker that ended instead of answering.
  private func fail(_ desk: Desk) {
    let ending = dismiss(desk)
    finish(desk, .failure(LookupFailure(.systemError, "the worker process ended unexpectedly (\(ending))")))
  }

  /// Completes an assignment with the last of its results, which may stand for all that are missing.
  private func finish(_ desk: Desk, _ result: Result<HostEntry, LookupFailure>) {
    guard let assignment = desk.assignment else { return }
    desk.assignment = nil
    let answer = HostAnswer(
      query: assignment.query, result: HostEntry.joining(assignment.results + [result]),
      duration: assignment.start.duration(until: .now))
    window.finish(assignment.ticket, answer)
  }

  @discardableResult
  private func dismiss(_ desk: Desk) -> String {
    desks.removeAll { $0 === desk }
    return desk.worker.end()
  }
}
