// SPDX-License-Identifier: GPL-3.0-or-later

/// The dialogue of a user at a terminal with the calculator's client: a menu, expressions and a few commands.
///
/// It processes each line, and determines the reaction; it does no I/O.
package struct CalculatorDialogue {
  /// The reaction to a line.
  package enum Reaction: Equatable, Sendable {
    /// Nothing but the next prompt.
    case none
    /// Lines to print.
    case say([String])
    /// A calculation whose result is to be printed.
    case calculate(CalculationPlan)
    /// The history is to be printed.
    case showHistory
    /// The session is over.
    case quit
  }

  private enum Item: String, CaseIterable {
    case add = "1"
    case multiply = "2"
    case join = "3"
    case quit = "0"

    var text: String {
      switch self {
      case .add: "add two numbers"
      case .multiply: "multiply two numbers"
      case .join: "join two texts"
      case .quit: "quit"
      }
    }

    var operation: CalculationPlan.Operator { self == .multiply ? .times : .plus }
  }

  /// The operands that are requested after a menu item was chosen.
  private struct Inquiry {
    let item: Item
    var first: CalculatorValue?
  }

  /// The menu.
  package static let menu =
    Item.allCases.map { "  \($0.rawValue)  \($0.text)" } + [
      "or an expression, such as 2 * (3 + 4); help shows more"
    ]

  private static let help = [
    "Type a number of the menu and then both operands, or an expression of",
    "  integers, exact at any size        12345678901234567890",
    "  decimals                           2.5  1e9",
    "  texts, with \\\", \\\\ and \\n           \"text\"",
    "  + - * / and parentheses            2 * (3 + 4)   \"a\" + \"b\"",
    "or one of these words:",
    "  menu     show the menu",
    "  history  show the lines typed so far",
    "  quit     end the session, as Ctrl-D does",
    "Ctrl-C abandons the line; on an empty one it ends the program.",
  ]

  private static let words: [(word: String, reaction: Reaction)] = [
    ("help", .say(help)), ("history", .showHistory), ("menu", .say(menu)), ("quit", .quit),
  ]

  private var inquiry: Inquiry?

  /// Creates a dialogue without input.
  package init() {}

  /// The prompt.
  package var prompt: String {
    guard let inquiry else { return "calc> " }
    let what = inquiry.item == .join ? "text" : "number"
    return "\(inquiry.first == nil ? "first" : "second") \(what)> "
  }

  /// Whether an operand is requested, which an interrupt cancels.
  package var isInquiring: Bool { inquiry != nil }

  /// Cancels the request for operands.
  package mutating func abandon() { inquiry = nil }

  /// The commands that begin with a given text.
  package func completions(of word: String) -> [String] {
    inquiry == nil ? Self.words.map(\.word).filter { $0.hasPrefix(word) } : []
  }

  /// Processes a line.
  ///
  /// - Throws: The reason why it is not an expression or operand; the same prompt follows.
  package mutating func take(_ line: String) throws(ExpressionError) -> Reaction {
    if let inquiry { return try take(operand: line, for: inquiry) }
    let word = String(line.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    if word.isEmpty { return .none }
    if let reaction = Self.words.first(where: { $0.word == word })?.reaction { return reaction }
    switch Item(rawValue: word) {
    case .quit: return .quit
    case let item?:
      inquiry = Inquiry(item: item)
      return .none
    case nil: return .calculate(try ExpressionParser.plan(for: line.utf8))
    }
  }

  private mutating func take(operand line: String, for inquiry: Inquiry) throws(ExpressionError) -> Reaction {
    let value: CalculatorValue =
      inquiry.item == .join ? .text(line) : try ExpressionParser.number(in: line.utf8)
    guard let first = inquiry.first else {
      self.inquiry?.first = value
      return .none
    }
    self.inquiry = nil
    return .calculate(CalculationPlan(inquiry.item.operation, first, value))
  }
}
