// SPDX-License-Identifier: GPL-3.0-or-later

import Calculator
import Engine
import Glibc
import LineEditing
import Reactor
import Sockets
import SystemPackage
import Text

/// A session with the calculator at a terminal: prompts, lines that are edited, and answers.
///
/// It watches the connection and signals while a line is typed, and restores the terminal in every case.
final class CalculatorDialogueSession {
  private let connection: CalculatorConnection
  private let observer: any SessionObserver
  private let output: any CalculationOutput
  private let history: LineHistory
  private let signals: SignalQueue
  private let signalWatch: Watch
  private let inputWatch: Watch
  private let words: Words
  private let editor: LineEditor
  private var dialogue: CalculatorDialogue {
    get { words.dialogue }
    set { words.dialogue = newValue }
  }

  /// The dialogue, shared with word completion.
  private final class Words {
    var dialogue = CalculatorDialogue()
  }

  /// The signal that has ended the session; `nil` for none.
  private var interruption: CInt?

  /// Creates a session over a connection.
  ///
  /// - Parameter history: The lines of earlier sessions.
  /// - Throws: `EMFILE` and similar errors.
  init(
    over connection: CalculatorConnection, history: LineHistory, _ observer: any SessionObserver,
    _ output: any CalculationOutput
  ) throws(IOFailure) {
    self.connection = connection
    self.history = history
    self.observer = observer
    self.output = output
    signals = try SignalQueue(LineEditor.signals)
    signalWatch = try Watch(signals.descriptor, for: .readable, in: connection.reactor)
    inputWatch = try Watch(.standardInput, in: connection.reactor)
    let words = Words()
    self.words = words
    editor = LineEditor { before, word in
      before.allSatisfy(\.isWhitespace) ? words.dialogue.completions(of: word) : []
    }
  }

  /// Runs the session to its end.
  ///
  /// - Throws: A failure if the connection is lost, the server violates the protocol, or the time is over.
  func run() throws(Failure) -> SessionOutcome {
    defer { editor.end() }
    CalculatorDialogue.menu.forEach(output.print)
    while let lines = try readLines() {
      for line in lines where try !take(line) { return end() }
    }
    return end()
  }

  private func end() -> SessionOutcome {
    if let interruption { return .killed(by: interruption) }
    connection.end()
    return .success
  }

  // MARK: Lines

  /// The next lines, several only if they were pasted; `nil` at the end of the input.
  private func readLines() throws(Failure) -> [String]? {
    while true {
      switch editor.next() {
      case .line(let line):
        let text = String(decoding: line, as: UTF8.self)
        return text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
      case .end: return nil
      case nil: break
      }
      if !editor.isEditing { editor.begin(prompt: dialogue.prompt) }
      let isReadable = try wait(hasInput: true)
      guard interruption == nil else { return nil }
      if isReadable { editor.attend() }
    }
  }

  /// Carries out a line.
  ///
  /// - Returns: Whether the session continues.
  private func take(_ line: String) throws(Failure) -> Bool {
    if !line.allSatisfy(\.isWhitespace), !dialogue.isInquiring { history.add(line) }
    let reaction: CalculatorDialogue.Reaction
    do throws(ExpressionError) {
      reaction = try dialogue.take(line)
    } catch {
      observer.report(.failed(Failure(.dataError, "\(error)")))
      return true
    }
    switch reaction {
    case .none: break
    case .say(let lines): lines.forEach(output.print)
    case .showHistory:
      for (index, line) in history.lines.enumerated() {
        output.print("\(Column.right("\(index + 1)", width: 5))  \(TerminalSafe.escape(line))")
      }
    case .calculate(let plan):
      try calculate(plan)
      return interruption == nil
    case .quit: return false
    }
    return true
  }

  private func calculate(_ plan: CalculationPlan) throws(Failure) {
    connection.exchange.submit(plan, label: 1)
    while true {
      if let (_, outcome) = connection.exchange.next() {
        _ = output.print([CalculatorBatch.Answer(name: "", outcome: outcome)])
        return
      }
      try wait(hasInput: false)
      guard interruption == nil else { return }
    }
  }

  // MARK: Waiting

  /// Waits for the connection, for signals and optionally for standard input, and handles the connection and the
  /// signals.
  ///
  /// - Returns: Whether standard input can be read, if it was waited for.
  @discardableResult
  private func wait(hasInput: Bool) throws(Failure) -> Bool {
    do throws(IOFailure) {
      try inputWatch.watch(for: hasInput ? .readable : nil)
      try connection.wait()
    } catch {
      throw Failure(error)
    }
    // The first signal that ends the session takes precedence, also over the end of the connection.
    while interruption == nil, let signal = signals.next() { heed(signal) }
    guard interruption == nil else { return false }
    try connection.attend()
    return inputWatch.take().allowsRead
  }

  private func heed(_ signal: CInt) {
    switch signal {
    case _ where editor.heeds(signal): return
    case SIGINT where editor.isEditing && (dialogue.isInquiring || !editor.isLineEmpty):
      dialogue.abandon()
      editor.abandonLine(prompt: dialogue.prompt)
    default:
      interruption = signal
    }
  }
}
