// SPDX-License-Identifier: GPL-3.0-or-later

import LineEditing
import Sockets
import SockkitCore
import SystemPackage

/// A terminal as a sink whose text appears above the line that is edited, and stands before it while it has no end.
final class EditedScreen: ByteSink {
  /// What is written at once: the line is drawn anew behind each piece.
  private static let pieceSize = 8 << 10

  private let editor: LineEditor
  private let prompt: String
  private var text: ScreenText

  /// - Parameter isChat: Whether lines are labelled, and a prompt stands before what is typed.
  init(_ editor: LineEditor, isChat: Bool) {
    self.editor = editor
    prompt = isChat ? "> " : ""
    text =
      isChat
      ? ScreenText(label: ReadableOutput.chatLabel, columnCount: EditableTerminal.columns)
      : ScreenText(expandsTabs: true, columnCount: EditableTerminal.columns)
  }

  var medium: Medium { .terminal }
  var number: FileDescriptor { .standardOutput }

  /// Writes a piece, unless the terminal is stopped (Ctrl-S).
  func write(_ buffer: Span<UInt8>) throws(SystemError) -> Transfer {
    guard number.takesBytes(within: .zero) else { return .wouldBlock }
    let piece = buffer.extracting(first: Self.pieceSize)
    try show(text.take(piece))
    return .moved(piece.count)
  }

  private func show(_ finished: String) throws(SystemError) {
    let rest = editor.isEditing ? text.takeRows(of: EditableTerminal.columns) : text.takeUnfinished()
    do throws(Errno) {
      try editor.write(finished + rest, prompt: text.unfinished + prompt)
    } catch {
      throw writeError(error)
    }
  }

  /// Edits a line behind what has no end yet.
  func beginLine() { editor.begin(prompt: text.unfinished + prompt, following: prompt) }

  /// The line was ended by a key, and what stood before it with it.
  func didEndLine() {
    if !editor.wasPromptPutOff { text.breakLine() }
  }

  /// Gives the terminal back as it was, with the cursor on a row of its own, and everything that arrived on the screen.
  func end() {
    text.finish()
    // A terminal that fails now has nobody in front of it.
    try? show("")
    let isMidLine = text.isMidLine && !editor.isEditing
    editor.end()
    if isMidLine { try? editor.write("\n", prompt: "") }
    text.breakLine()
  }

  /// There is nobody to be told of the end of what arrives.
  func finish() {}
  /// A failure to write the terminal.
  func writeError(_ code: Errno) -> SystemError { SystemError(.write("standard output"), code) }
}
