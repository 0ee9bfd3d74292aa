// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
package import Sockets
import SystemPackage

/// Looks many names up, several at a time and each within its time, and reports them in the order given.
///
/// Each is looked up in a worker process, because the C resolver cannot be cancelled: one that takes too long
/// is killed.
package final class HostLookups {
  /// A name that a worker is busy with, and how far it has come.
  private struct Assignment {
    let requestID: Int
    let query: String
    let start: Deadline
    let deadline: Deadline
    /// How many questions make up a whole answer.
    let questionCount: Int
    /// What the worker has answered so far.
    var results: [Result<HostEntry, LookupFailure>] = []
  }

  private final class Worker {
    let process: WorkerProcess
    /// The watch for its answers; `nil` once it is dismissed.
    var watch: Watch?
    var assignment: Assignment?
    var hasAnswered = false

    init(_ process: WorkerProcess, in reactor: Reactor) throws(SystemError) {
      self.process = process
      watch = try Watch(process.number, in: reactor)
    }
  }

  private let family: AddressFamily?
  private let names: NameSource
  private let limit: Duration?
  private let report: Report
  private var requests: ReorderBuffer
  private let reactor = Reactor.forFew()
  private var workers: [Worker] = []
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
    requests = ReorderBuffer(capacity: jobs * Self.readAhead)
  }

  /// Looks all names up; no worker is left when it returns.
  ///
  /// - Throws: A failure to read names, to have even one worker, or to report.
  package func run() throws(SystemError) {
    // Releasing a worker ends it, however this ends.
    defer { workers = [] }
    let inputWatch = try names.number.map { (input) throws(SystemError) in try Watch(input, in: reactor) }
    while true {
      while requests.hasRoom, let query = names.next() { requests.admit(query) }
      try assign()
      let wasFull = !requests.hasRoom
      while let answer = requests.takeNext() { try report(answer) }
      // What was read already comes before waiting for more.
      if wasFull && requests.hasRoom { continue }
      if requests.isEmpty && names.number == nil { return }
      try wait(for: inputWatch)
    }
  }

  // MARK: Workers

  /// Gives names that wait to workers that are free, as long as there are both.
  private func assign() throws(SystemError) {
    while let (requestID, query) = requests.startNext() {
      guard let worker = try freeWorker() else { return requests.restart(requestID) }
      let questions = HostLookup.all(of: query, family: family)
      let start: Deadline = .now
      worker.assignment = Assignment(
        requestID: requestID, query: query, start: start, deadline: limit.map { start + $0 } ?? .never,
        questionCount: questions.count)
      // All at once, so that the worker does not wait for a parent that is held up by its own output.
      guard !questions.allSatisfy({ worker.process.request(HostMessage.encode($0)) }) else { continue }
      if worker.hasAnswered {
        // It ended while it had nothing to do, which is no fault of this name.
        requests.restart(requestID)
        dismiss(worker)
      } else {
        fail(worker)
      }
    }
  }

  private func freeWorker() throws(SystemError) -> Worker? {
    if let worker = workers.first(where: { $0.assignment == nil }) { return worker }
    guard workers.count < jobs else { return nil }
    do {
      let worker = try Worker(try WorkerProcess { Self.answer($0) }, in: reactor)
      workers.append(worker)
      return worker
    } catch {
      guard !workers.isEmpty else { throw error }
      jobs = workers.count
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
  private func wait(for inputWatch: Watch?) throws(SystemError) {
    try inputWatch?.watch(for: requests.hasRoom && names.number != nil ? .readable : nil)
    for worker in workers { try worker.watch?.watch(for: worker.assignment == nil ? nil : .readable) }
    let busy = workers.filter { $0.assignment != nil }
    try reactor.turn(until: busy.compactMap(\.assignment?.deadline).min() ?? .never)
    for worker in busy where worker.watch?.take().allowsRead == true { takeAnswers(from: worker) }
    for worker in busy where worker.assignment?.deadline.hasPassed == true {
      dismiss(worker)
      finish(worker, .failure(LookupFailure(LookupFailure.Verdict.timedOut)))
    }
    if inputWatch?.take().allowsRead == true { try names.read() }
  }

  private func takeAnswers(from worker: Worker) {
    while let assignment = worker.assignment {
      switch worker.process.answer(using: &scratch) {
      case .nothing: return
      case .message(let message):
        guard let result = HostMessage.answer(in: message) else {
          dismiss(worker)
          return finish(worker, .failure(LookupFailure(.systemError, "the worker process answered nonsense")))
        }
        worker.hasAnswered = true
        if assignment.results.count + 1 == assignment.questionCount {
          finish(worker, result)
        } else {
          worker.assignment?.results.append(result)
        }
      case .ended: fail(worker)
      }
    }
  }

  /// Deals with a worker that ended instead of answering.
  private func fail(_ worker: Worker) {
    let ending = dismiss(worker)
    finish(worker, .failure(LookupFailure(.systemError, "the worker process ended unexpectedly (\(ending))")))
  }

  /// Completes an assignment with the last of its results, which may stand for all that are missing.
  private func finish(_ worker: Worker, _ result: Result<HostEntry, LookupFailure>) {
    guard let assignment = worker.assignment else { return }
    worker.assignment = nil
    let answer = HostAnswer(
      query: assignment.query, result: HostEntry.joining(assignment.results + [result]),
      duration: assignment.start.duration(until: .now))
    requests.finish(assignment.requestID, answer)
  }

  @discardableResult
  private func dismiss(_ worker: Worker) -> String {
    workers.removeAll { $0 === worker }
    // Before its descriptor is closed, of which another worker may get the number.
    worker.watch = nil
    return worker.process.end()
  }
}
