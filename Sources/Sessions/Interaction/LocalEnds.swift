// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import LineEditing
import Sockets
import SystemPackage
import Transport

/// The near ends of a session: the standard streams as they are, a chat, at a terminal a line that is edited and a
/// screen above it, or a command.
struct LocalEnds {
  /// Where the bytes for the peer come from.
  let input: any ByteSource
  /// Where the peer's bytes go.
  let output: any ByteSink
  /// How many bytes there are to send, where that is known.
  var inputSize: Int?
  /// Whether a person types the input.
  var isInputTerminal = false
  /// Whether a person reads the output.
  var isOutputTerminal = false
  /// The signals to collect in place of those that end a session elsewhere, because the terminal has to be given back
  /// first; `nil` if it is as it was.
  let signals: [CInt]?
  /// What ends the lines of a chat that have no end; `nil` where nothing does.
  let monitor: (any ProgressObserver)?
  private let begin: () -> Void
  private let end: () -> Void

  /// A command's standard input and output.
  init(_ pipe: CommandStream) {
    input = pipe.output
    output = pipe
    signals = nil
    monitor = nil
    begin = {}
    end = {}
  }

  /// Picks the ends.
  ///
  /// - Throws: `EMFILE` and its like.
  init(
    _ interaction: Interaction, input: StandardStream, output: StandardStream, readsInput: Bool,
    observer: any SessionObserver
  ) throws(SystemError) {
    inputSize = input.remainingBytes
    isInputTerminal = input.medium == .terminal
    isOutputTerminal = output.medium == .terminal
    guard interaction.editsLines, readsInput, EditableTerminal.isThere else {
      // Also where the terminal is none that a line can be edited on.
      let isReadable = interaction.isChat || interaction.guardsTerminal
      let readable = isReadable ? ReadableOutput(output, isChat: interaction.isChat) : nil
      self.input = input
      self.output = readable ?? output
      signals = nil
      monitor = readable
      begin = {}
      end = { readable?.end() }
      return
    }
    let editor = LineEditor()
    let screen = EditedScreen(editor, isChat: interaction.isChat)
    let history = LineHistory.ofCommand(interaction.command, isKept: interaction.keepsHistory, observer)
    self.input = try EditedInput(editor, below: screen, history: history)
    self.output = screen
    signals = LineEditor.signals
    monitor = screen
    if DescriptorKind(of: .standardError) == .terminal { observer.writeAside { LineEditor.aside($0) } }
    begin = { screen.beginLine() }
    end = {
      screen.end()
      observer.writeAside(nil)
    }
  }

  /// Begins to edit a line, where one is edited, until `restore`; not before those signals are collected.
  func prepare() { begin() }

  /// Puts what arrived last onto the screen, and gives the terminal back as it was.
  func restore() { end() }
}
