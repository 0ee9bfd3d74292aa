// SPDX-License-Identifier: GPL-3.0-or-later

import Calculator
import Engine
import Sessions
import Sockets
import SystemPackage
import Text

/// Prints the outcomes of expressions: results on standard output, errors on standard error.
final class OutcomePrinter: CalculationOutput {
  /// The reporter for errors.
  let reporter: Reporter
  private let advice: () -> String?
  private let isTerminal = DescriptorKind(of: .standardOutput) == .terminal

  /// Creates a printer, which prints for a terminal if standard output is one.
  ///
  /// - Parameter advice: Makes the advice that is printed if an expression has no result; `nil` for none.
  init(_ reporter: Reporter, advice: @escaping () -> String? = { nil }) {
    self.reporter = reporter
    self.advice = advice
  }

  /// Prints the advice if an expression has no result.
  func finish(areAllResults: Bool) {
    if !areAllResults, let advice = advice() { reporter.advise(advice) }
  }

  /// Prints a line; a failure ends the program.
  func print(_ line: String) { StandardOutput.print(line) }

  /// Prints answers in order; a failure ends the program.
  ///
  /// - Returns: Whether all answers are results.
  func print(_ answers: [CalculatorBatch.Answer]) -> Bool {
    var lines: [String] = []
    var isAllWell = true
    for answer in answers {
      switch answer.outcome {
      case .result(let value): lines.append(text(value))
      case .failure(let message):
        // Results that were known before are printed before.
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

  /// A text comes from the server and may contain control sequences, which are escaped on a terminal; a newline is not.
  private func text(_ value: CalculatorValue) -> String {
    guard isTerminal, case .text(let text) = value else { return "\(value)" }
    return text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { TerminalSafe.escape(String($0)) }.joined(separator: "\n")
  }
}
