// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import LineEditing
import Sockets
import SystemPackage
import Text
import Transport

/// A terminal as a sink whose text appears above the line that is edited, and stands before it while it has no end.
///
/// In a chat nothing but the prompt stands before the line: a text that has no end becomes a row after a while.
final class EditedScreen: ByteSink, ProgressObserver {
  /// What is written at once: the line is drawn anew behind each piece.
  private static let pieceSize = 8 << 10

  private let editor: LineEditor
  private let isChat: Bool
  private var text: ScreenText
  /// When a line of a chat is ended though no newline has come.
  private(set) var nextLook = Deadline.never

  /// - Parameter isChat: Whether lines are labelled, and a prompt stands before what is typed.
  init(_ editor: LineEditor, isChat: Bool) {
    self.editor = editor
    self.isChat = isChat
    text = ScreenText(
      label: isChat ? ReadableOutput.chatLabel : "", expandsTabs: true, columnCount: EditableTerminal.columns)
  }

  var medium: DescriptorKind { .terminal }
  var number: FileDescriptor { .standardOutput }

  /// Writes a piece, unless the terminal is stopped (Ctrl-S).
  func write(_ buffer: Span<UInt8>) throws(SystemError) -> Transfer {
    guard number.takesBytes(within: .zero) else { return .wouldBlock }
    let piece = buffer.extracting(first: Self.pieceSize)
    try show(text.take(piece))
    if isChat { nextLook = text.isMidLine ? .after(ChatLines.patience) : .never }
    return .moved(piece.count)
  }

  /// Ends the last line of a chat.
  func look(sent: TransferCounters, received: TransferCounters) {
    guard number.takesBytes(within: .zero) else { return nextLook = .after(ChatLines.patience) }
    nextLook = .never
    // A terminal that fails is reported by what is written to it next.
    try? show(text.takeLine())
  }

  /// What stands before the line that is edited.
  private var prompt: String { isChat ? "> " : text.unfinished }

  private func show(_ finished: String) throws(SystemError) {
    let rest =
      isChat || editor.isEditing ? text.takeRows(of: EditableTerminal.columns) : text.takeUnfinished()
    do throws(Errno) {
      try editor.write(finished + rest, prompt: prompt)
    } catch {
      throw writeError(error)
    }
  }

  /// Edits a line behind what has no end yet.
  func beginLine() { editor.begin(prompt: prompt, following: isChat ? prompt : "") }

  /// The line was ended by a key, and what stood before it with it.
  func didEndLine() {
    if !isChat, !editor.wasPromptPutOff { text.breakLine() }
  }

  /// Gives the terminal back as it was, with the cursor on a row of its own, and everything that arrived on the screen.
  func end() {
    text.finish()
    // A terminal that fails now has nobody in front of it.
    try? show(isChat ? text.takeLine() : "")
    let isMidLine = text.isMidLine && !editor.isEditing
    editor.end()
    if isMidLine { try? editor.write("\n", prompt: "") }
    text.breakLine()
  }

  /// There is nobody to be told of the end of what arrives.
  func finish() -> Finish { .done }
  /// A failure to write the terminal.
  func writeError(_ code: Errno) -> SystemError { SystemError(.write("standard output"), code) }
}
