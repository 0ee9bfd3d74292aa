// SPDX-License-Identifier: GPL-3.0-or-later

/// A value of the calculator.
package enum CalculatorValue: Equatable, Sendable {
  /// A whole number of any size, always exact.
  case integer(BigInteger)
  /// A finite number in IEEE 754 binary64.
  case double(Double)
  /// Text, which can only be concatenated.
  case text(String)
}

extension CalculatorValue: CustomStringConvertible {
  /// The displayed value: a double as the shortest number that reads back as the same one, a text as itself.
  package var description: String {
    switch self {
    case .integer(let integer): "\(integer)"
    case .double(let double): "\(double)"
    case .text(let text): text
    }
  }
}
