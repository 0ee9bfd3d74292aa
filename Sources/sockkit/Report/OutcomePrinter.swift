// SPDX-License-Identifier: GPL-3.0-or-later

import Calculator
import Engine
import Sessions
import Sockets
import SystemPackage
import Text

/// Prints what came of expressions: results on standard output, reasons on standard error.
final class OutcomePrinter: CalculationOutput {
  /// Where reasons go.
  let reporter: Reporter
  private let isTerminal = DescriptorKind(of: .standardOutput) == .terminal

  /// Prints for a terminal if standard output is one.
  init(_ reporter: Reporter) { self.reporter = reporter }

  /// Prints a line, or the program ends.
  func print(_ line: String) { StandardOutput.print(line) }

  /// Prints answers in their order, or the program ends.
  ///
  /// - Returns: Whether all are results.
  func print(_ answers: [CalculatorBatch.Answer]) -> Bool {
    var lines: [String] = []
    var isAllWell = true
    for answer in answers {
      switch answer.outcome {
      case .result(let value): lines.append(text(value))
      case .failure(let message):
        // What was known before it is printed before it.
        write(&lines)
        reporter.report(.failed(Failure(.dataError, answer.name + message)))
        isAllWell = false
      }
    }
    write(&lines)
    return isAllWell
  }

  private func write(_ lines: inout [String]) {
    guard !lines.isEmpty else { return }
    StandardOutput.print(lines.joined(separator: "\n"))
    lines = []
  }

  /// A text comes from elsewhere, and may hold what a terminal takes for an order; a newline is none.
  private func text(_ value: CalculatorValue) -> String {
    guard isTerminal, case .text(let text) = value else { return "\(value)" }
    return text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { TerminalSafe.escape(String($0)) }.joined(separator: "\n")
  }
}
