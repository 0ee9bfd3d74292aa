// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// Reads numbers, texts and signs from the start of an expression; white space is allowed between them.
struct ExpressionScanner {
  private let bytes: [UInt8]
  private var position = 0

  /// Starts at the beginning of an expression in UTF-8.
  init(_ expression: some Collection<UInt8>) {
    bytes = Array(expression)
    skipSpace()
  }

  /// Whether nothing is left.
  var isAtEnd: Bool { position == bytes.count }

  /// Reads a sign, if it is next.
  mutating func take(_ sign: Unicode.Scalar) -> Bool {
    guard !isAtEnd, bytes[position] == UInt8(ascii: sign) else { return false }
    position += 1
    skipSpace()
    return true
  }

  /// Reads a number, if one is next: an integer, or a double if it has a point or an exponent.
  mutating func number() throws(ExpressionError) -> CalculatorValue? {
    let start = position
    takeDigits()
    var isDouble = false
    if next == UInt8(ascii: "."), position > start || isDigit(at: position + 1) {
      isDouble = true
      position += 1
      if takeDigits() == 0 { throw unexpected("a digit") }
    }
    guard position > start else { return nil }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      isDouble = true
      position += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
      if takeDigits() == 0 { throw unexpected("a digit of the exponent") }
    }
    let digits = bytes[start..<position]
    defer { skipSpace() }
    if isDouble, let double = Double(String(decoding: digits, as: UTF8.self)) {
      guard double.isFinite else { throw error("the number is too large for a double", at: start) }
      return .double(double)
    }
    guard let integer = BigInteger(decimal: digits) else { throw error("not a number", at: start) }
    return .integer(integer)
  }

  /// Reads a quoted text, if one is next; the escapes `\"`, `\\` and `\n` have the same meaning as in C.
  mutating func text() throws(ExpressionError) -> String? {
    let quote = UInt8(ascii: "\"")
    guard next == quote else { return nil }
    let start = position
    position += 1
    var content: [UInt8] = []
    while let byte = next, byte != quote {
      position += 1
      guard byte == UInt8(ascii: "\\") else {
        content.append(byte)
        continue
      }
      switch next {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): content.append(bytes[position])
      case UInt8(ascii: "n"): content.append(UInt8(ascii: "\n"))
      default: throw unexpected(#"\", \\ or \n"#, at: position - 1)
      }
      position += 1
    }
    guard next == quote else { throw error("unterminated text: expected '\"'", at: start) }
    position += 1
    guard let text = TerminalSafe.text(utf8: content.span) else {
      throw error("the text is not UTF-8", at: start)
    }
    skipSpace()
    return text
  }

  /// An error at the next character.
  func error(_ message: String) -> ExpressionError { error(message, at: position) }

  /// An error with the expected and the actual next character.
  func unexpected(_ expected: String) -> ExpressionError { unexpected(expected, at: position) }

  private func unexpected(_ expected: String, at index: Int) -> ExpressionError {
    // The first character of the rest; a few bytes of it are enough to decode that.
    guard let found = String(decoding: bytes[index...].prefix(64), as: UTF8.self).first else {
      return error("expected \(expected), but the expression ends", at: index)
    }
    return error("expected \(expected), not '\(found)'", at: index)
  }

  private func error(_ message: String, at index: Int) -> ExpressionError {
    ExpressionError(after: bytes[..<index], message)
  }

  private var next: UInt8? { isAtEnd ? nil : bytes[position] }

  private func isDigit(at index: Int) -> Bool {
    index < bytes.count && bytes[index].isDigit
  }

  @discardableResult
  private mutating func takeDigits() -> Int {
    let start = position
    while isDigit(at: position) { position += 1 }
    return position - start
  }

  private mutating func skipSpace() {
    while next?.isSpace == true { position += 1 }
  }
}
