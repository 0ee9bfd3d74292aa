// SPDX-License-Identifier: GPL-3.0-or-later

/// Why a text is no expression.
package struct ExpressionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Which character the reason is about, counted from 1.
  package let column: Int
  /// What was expected there, or is not allowed.
  package let message: String

  /// The column and the reason: `column 3: expected a number, a text, '-' or '(', not '*'`.
  package var description: String { "column \(column): \(message)" }

  /// Names the place by the bytes before it.
  init(after bytes: some Collection<UInt8>, _ message: String) {
    column = String(decoding: bytes, as: UTF8.self).count + 1
    self.message = message
  }
}
