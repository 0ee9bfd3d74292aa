// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import LineEditing
import Sockets
import SystemPackage
import Transport

/// The local ends of a session: the unchanged standard streams, a chat, a line edited at a terminal with a screen above
/// it, or a command.
struct LocalEnds {
  /// The source of the bytes for the peer.
  let input: any ByteSource
  /// The sink of the bytes from the peer.
  let output: any ByteSink
  /// The number of bytes to send, if it is known.
  var inputSize: Int?
  /// Whether a person types the input.
  var isInputTerminal = false
  /// Whether a person reads the output.
  var isOutputTerminal = false
  /// The signals to collect instead of those that end other sessions, because the terminal has to be restored first;
  /// `nil` if the terminal was not changed.
  let signals: [CInt]?
  /// Ends unfinished lines of a chat; `nil` if nothing has to be ended.
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

  /// Selects the ends for an interaction.
  ///
  /// - Throws: `EMFILE` and similar errors.
  init(
    _ interaction: Interaction, input: StandardStream, output: StandardStream, readsInput: Bool,
    observer: any SessionObserver
  ) throws(IOFailure) {
    inputSize = input.remainingBytes
    isInputTerminal = input.medium == .terminal
    isOutputTerminal = output.medium == .terminal
    guard interaction.editsLines, readsInput, EditableTerminal.isThere else {
      // Also if lines cannot be edited on this terminal.
      let isReadable = interaction.isChat || interaction.guardsTerminal
      let readable =
        isReadable
        ? ReadableOutput(output, isChat: interaction.isChat, usesColor: interaction.usesColor) : nil
      self.input = input
      self.output = readable ?? output
      signals = nil
      monitor = readable
      begin = {}
      end = { readable?.end() }
      return
    }
    let editor = LineEditor()
    let screen = EditedScreen(editor, isChat: interaction.isChat, usesColor: interaction.usesColor)
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

  /// Starts to edit a line, if lines are edited, until `restore`. Those signals must be collected before.
  func prepare() { begin() }

  /// Shows the text received last, and restores the terminal.
  func restore() { end() }
}
