// SPDX-License-Identifier: GPL-3.0-or-later

package import Calculator
import DequeModule
import Reactor
import Sockets

/// Calculates many expressions over one connection: a window of them at a time, with results in order.
package struct CalculatorBatch {
  /// The outcome of an expression, and its name in messages: `line 3: `, or empty if there is only one.
  package struct Answer: Equatable, Sendable {
    /// The prefix of a message about it.
    package let name: String
    /// The outcome.
    package let outcome: CalculatorExchange.Outcome

    /// Creates the answer for an expression.
    package init(name: String, outcome: CalculatorExchange.Outcome) {
      self.name = name
      self.outcome = outcome
    }
  }

  /// The maximum number of expressions, and of their bytes, in progress at a time; a single one may be of any length.
  private static let windowCount = 256
  private static let windowSize = 1 << 20

  private let source: ExpressionSource
  private let connection: CalculatorConnection
  private let report: ([Answer]) -> Void
  /// The lengths of the expressions in progress, and their sum.
  private var lengths = Deque<Int>()
  private var size = 0

  /// Prepares a batch.
  ///
  /// - Parameter report: Called with the answers that have become known, in the order of the expressions.
  package init(
    of source: ExpressionSource, over connection: CalculatorConnection,
    report: @escaping ([Answer]) -> Void
  ) {
    self.source = source
    self.connection = connection
    self.report = report
  }

  /// Calculates all expressions, and ends the session.
  ///
  /// - Throws: A failure of the input or of the connection.
  package mutating func run() throws(Failure) {
    let inputWatch = try watchInput()
    while true {
      while hasRoom, let line = source.next() { submit(line) }
      let wasFull = !hasRoom
      reportAnswers()
      // Input that has already been read is processed before waiting for more.
      if wasFull, hasRoom { continue }
      if connection.exchange.count == 0, source.descriptor == nil { break }
      try proceed(inputWatch)
    }
    connection.end()
  }

  private var hasRoom: Bool { lengths.count < Self.windowCount && size < Self.windowSize }

  private mutating func submit(_ line: ExpressionLines.Line) {
    let length = line.bytes?.count ?? 0
    lengths.append(length)
    size += length
    guard let bytes = line.bytes else {
      let message = "an expression has at most \(ExpressionLines.longest) bytes"
      return connection.exchange.submit(failure: message, label: line.number)
    }
    do throws(ExpressionError) {
      connection.exchange.submit(try ExpressionParser.plan(for: bytes), label: line.number)
    } catch {
      connection.exchange.submit(failure: "\(error)", label: line.number)
    }
  }

  private mutating func reportAnswers() {
    var answers: [Answer] = []
    while let (label, outcome) = connection.exchange.next() {
      size -= lengths.popFirst() ?? 0
      answers.append(Answer(name: source.unit.map { "\($0) \(label): " } ?? "", outcome: outcome))
    }
    if !answers.isEmpty { report(answers) }
  }

  /// Waits until something can be read or sent, and reads or sends it.
  private mutating func proceed(_ inputWatch: Watch?) throws(Failure) {
    do throws(IOFailure) {
      try inputWatch?.watch(for: hasRoom && source.descriptor != nil ? .readable : nil)
      try connection.wait()
      if inputWatch?.take().allowsRead == true { try source.read() }
    } catch {
      throw Failure(error)
    }
    try connection.attend()
  }

  private func watchInput() throws(Failure) -> Watch? {
    guard let input = source.descriptor else { return nil }
    do { return try Watch(input, in: connection.reactor) } catch { throw Failure(error) }
  }
}
