// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import LineEditing
import Sockets
import SystemPackage
import Text
import Transport

/// A terminal as a sink whose text appears above the line being edited; text without a newline stands before that line.
///
/// In a chat only the prompt stands before the line: text without a newline becomes a row after a while.
final class EditedScreen: ByteSink, ProgressObserver {
  /// The maximum size of a write: the line being edited is redrawn after each piece.
  private static let pieceSize = 8 << 10

  private let editor: LineEditor
  private let isChat: Bool
  private var text: ScreenText
  /// The time at which a line of a chat is ended although no newline has arrived.
  private(set) var nextLook = Deadline.never

  /// Creates the sink.
  ///
  /// - Parameters:
  ///   - isChat: Whether lines are labelled, and a prompt precedes the line being edited.
  ///   - usesColor: Whether the labels are coloured.
  init(_ editor: LineEditor, isChat: Bool, usesColor: Bool) {
    self.editor = editor
    self.isChat = isChat
    text = ScreenText(
      label: isChat ? ReadableOutput.chatLabel : "",
      labelColor: usesColor ? ReadableOutput.chatLabelColor : nil, expandsTabs: true,
      columnCount: EditableTerminal.columns)
  }

  var medium: DescriptorKind { .terminal }
  var descriptor: FileDescriptor { .standardOutput }

  /// Writes a piece, unless the terminal is stopped (Ctrl-S).
  func write(_ buffer: Span<UInt8>) throws(IOFailure) -> Transfer {
    guard descriptor.takesBytes(within: .zero) else { return .wouldBlock }
    let piece = buffer.extracting(first: Self.pieceSize)
    try show(text.take(piece))
    if isChat { nextLook = text.isMidLine ? .after(ChatLines.patience) : .never }
    return .moved(piece.count)
  }

  /// Ends the last line of a chat.
  func look(sent: TransferCounters, received: TransferCounters) {
    guard descriptor.takesBytes(within: .zero) else { return nextLook = .after(ChatLines.patience) }
    nextLook = .never
    // A failure of the terminal is reported by the next write.
    try? show(text.takeLine())
  }

  /// The text before the line being edited.
  private var prompt: String { isChat ? "> " : text.unfinished }

  private func show(_ finished: String) throws(IOFailure) {
    let rest =
      isChat || editor.isEditing ? text.takeRows(of: EditableTerminal.columns) : text.takeUnfinished()
    do throws(Errno) {
      try editor.write(finished + rest, prompt: prompt)
    } catch {
      throw writeError(error)
    }
  }

  /// Starts to edit a line after the unfinished text.
  func beginLine() { editor.begin(prompt: prompt, following: isChat ? prompt : "") }

  /// Notes that a key has ended the line, and the text before it.
  func didEndLine() {
    if !isChat, !editor.wasPromptPutOff { text.breakLine() }
  }

  /// Restores the terminal, with the cursor on a row of its own and all received text on the screen.
  func end() {
    text.finish()
    // An error is ignored: nothing can be shown on a terminal that fails now.
    try? show(isChat ? text.takeLine() : "")
    let isMidLine = text.isMidLine && !editor.isEditing
    editor.end()
    if isMidLine { try? editor.write("\n", prompt: "") }
    text.breakLine()
  }

  /// Does nothing: a terminal has no end-of-stream to send.
  func finish() -> Finish { .done }
  /// A failure to write the terminal.
  func writeError(_ code: Errno) -> IOFailure { IOFailure(.write("standard output"), code) }
}
