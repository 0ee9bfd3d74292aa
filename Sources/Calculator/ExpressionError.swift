// SPDX-License-Identifier: GPL-3.0-or-later

/// The reason why a text is not an expression.
package struct ExpressionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The character that the reason concerns, counted from 1.
  package let column: Int
  /// The expectation, or the violation.
  package let message: String

  /// The column and the reason: `column 3: expected a number, a text, '-' or '(', not '*'`.
  package var description: String { "column \(column): \(message)" }

  /// Creates an error at the position after some bytes.
  init(after bytes: some Collection<UInt8>, _ message: String) {
    column = String(decoding: bytes, as: UTF8.self).count + 1
    self.message = message
  }
}
