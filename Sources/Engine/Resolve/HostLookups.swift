// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
package import Sockets
import SystemPackage

/// Looks many names up, several at a time and each with a time limit, and reports them in the order given.
///
/// Each is looked up in a worker process, because the C resolver cannot be cancelled: a worker that takes too long is
/// killed.
package final class HostLookups {
  /// A name that a worker is looking up, and its state.
  private struct Assignment {
    let requestID: Int
    let query: String
    let start: Deadline
    let deadline: Deadline
    /// The number of queries that make up a complete answer.
    let questionCount: Int
    /// The worker's answers so far.
    var results: [Result<HostEntry, LookupFailure>] = []
  }

  private final class Worker {
    let process: WorkerProcess
    /// The watch for its answers; `nil` once it is dismissed.
    var watch: Watch?
    var assignment: Assignment?
    var hasAnswered = false

    init(_ process: WorkerProcess, in reactor: Reactor) throws(IOFailure) {
      self.process = process
      watch = try Watch(process.descriptor, in: reactor)
    }
  }

  private let family: AddressFamily?
  private let names: NameSource
  private let limit: Duration?
  private let report: Report
  private var requests: ReorderBuffer
  private let reactor = Reactor.forFew()
  private var workers: [Worker] = []
  /// The maximum number of workers; the system may allow fewer than requested.
  private var jobs: Int
  private var scratch = [UInt8](repeating: 0, count: WorkerProcess.largestAnswer)

  /// Receives an answer; an error that it throws ends the look-ups.
  package typealias Report = (HostAnswer) throws(IOFailure) -> Void

  /// The number of names that are read ahead for each worker, so that none is idle while a slow name delays the others.
  private static let readAhead = 4

  /// Prepares look-ups.
  ///
  /// - Parameters:
  ///   - family: The family of the requested addresses; `nil` for both.
  ///   - jobs: The maximum number of names that are looked up at the same time, at least 1.
  ///   - limit: The time for each name; `nil` for as long as the system's resolver takes.
  ///   - report: Called with each answer, in the order of the names and as soon as all answers before it are known.
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
  /// - Throws: A failure to read names, to start a single worker, or to report.
  package func run() throws(IOFailure) {
    // Releasing a worker ends it, however this function returns.
    defer { workers = [] }
    let inputWatch = try names.descriptor.map { (input) throws(IOFailure) in try Watch(input, in: reactor) }
    while true {
      while requests.hasRoom, let query = names.next() { requests.admit(query) }
      try assign()
      let wasFull = !requests.hasRoom
      while let answer = requests.takeNext() { try report(answer) }
      // Input that has already been read is processed before waiting for more.
      if wasFull && requests.hasRoom { continue }
      if requests.isEmpty && names.descriptor == nil { return }
      try wait(for: inputWatch)
    }
  }

  // MARK: Workers

  /// Assigns waiting names to free workers.
  private func assign() throws(IOFailure) {
    while let (requestID, query) = requests.startNext() {
      guard let worker = try freeWorker() else { return requests.restart(requestID) }
      let questions = HostLookup.all(of: query, family: family)
      let start: Deadline = .now
      worker.assignment = Assignment(
        requestID: requestID, query: query, start: start, deadline: limit.map { start + $0 } ?? .never,
        questionCount: questions.count)
      // All at once, so that the worker need not wait for a parent that is blocked on its own output.
      guard !questions.allSatisfy({ worker.process.request(HostMessage.encode($0)) }) else { continue }
      if worker.hasAnswered {
        // It ended while it was idle, which is not the fault of this name.
        requests.restart(requestID)
        dismiss(worker)
      } else {
        fail(worker)
      }
    }
  }

  private func freeWorker() throws(IOFailure) -> Worker? {
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

  /// The worker's answer to a request.
  private static func answer(_ request: [UInt8]) -> [UInt8] {
    guard let question = HostMessage.question(in: request) else {
      return HostMessage.encode(.failure(LookupFailure(Errno.badMessage)))
    }
    let answer = HostMessage.encode(Result { () throws(LookupFailure) in try question.entry() })
    guard answer.count > WorkerProcess.largestAnswer else { return answer }
    return HostMessage.encode(.failure(LookupFailure(Errno.messageTooLong)))
  }

  // MARK: Waiting

  /// Waits until names can be read, a worker has answered, or the time of one is over, and handles it.
  private func wait(for inputWatch: Watch?) throws(IOFailure) {
    try inputWatch?.watch(for: requests.hasRoom && names.descriptor != nil ? .readable : nil)
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
          return finish(
            worker, .failure(LookupFailure(.systemError, "invalid answer from the worker process")))
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

  /// Handles a worker that ended instead of answering.
  private func fail(_ worker: Worker) {
    let ending = dismiss(worker)
    finish(worker, .failure(LookupFailure(.systemError, "the worker process ended unexpectedly (\(ending))")))
  }

  /// Completes an assignment with its last result, which may stand for all that are missing.
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
    // Before its descriptor is closed, whose number may be reused for another worker.
    worker.watch = nil
    return worker.process.end()
  }
}
