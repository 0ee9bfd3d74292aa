// SPDX-License-Identifier: GPL-3.0-or-later

import Calculator
import Testing

struct CalculatorDialogueTests {
  @Test func `an item of the menu asks for both operands`() throws {
    var dialogue = CalculatorDialogue()
    #expect(dialogue.prompt == "calc> ")
    #expect(try dialogue.take(" 1 ") == .none)
    #expect(dialogue.prompt == "first number> ")
    #expect(try dialogue.take("-3") == .none)
    #expect(dialogue.prompt == "second number> ")
    let sum = CalculationPlan(.plus, .integer(-3), .double(0.5))
    #expect(try dialogue.take("0.5") == .calculate(sum))
    #expect(dialogue.prompt == "calc> ")
    _ = try dialogue.take("3")
    #expect(dialogue.prompt == "first text> ")
    _ = try dialogue.take("")
    let text = CalculationPlan(.plus, .text(""), .text(" \"b"))
    #expect(try dialogue.take(" \"b") == .calculate(text))
  }

  @Test func `an operand that is no number is asked for again, and can be abandoned`() throws {
    var dialogue = CalculatorDialogue()
    _ = try dialogue.take("2")
    for word in ["x", "", "1+1", "quit"] { #expect(throws: ExpressionError.self) { try dialogue.take(word) } }
    #expect(dialogue.prompt == "first number> ")
    dialogue.abandon()
    #expect(dialogue.prompt == "calc> ")
  }

  @Test func `words, the menu and expressions are told apart`() throws {
    var dialogue = CalculatorDialogue()
    #expect(try dialogue.take("quit") == .quit)
    #expect(try dialogue.take("0") == .quit)
    #expect(try dialogue.take("\t") == .none)
    #expect(try dialogue.take("menu") == .say(CalculatorDialogue.menu))
    #expect(try dialogue.take("history") == .showHistory)
    #expect(try dialogue.take("1+0") == .calculate(CalculationPlan(.plus, .integer(1), .integer(0))))
    #expect(throws: ExpressionError.self) { try dialogue.take("halp") }
  }

  @Test func `words are completed where one is expected`() throws {
    var dialogue = CalculatorDialogue()
    #expect(dialogue.completions(of: "h") == ["help", "history"])
    #expect(dialogue.completions(of: "x") == [])
    _ = try dialogue.take("3")
    #expect(dialogue.completions(of: "h") == [])
  }
}
