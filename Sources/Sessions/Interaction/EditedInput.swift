// SPDX-License-Identifier: GPL-3.0-or-later

import LineEditing
import Sockets
import SystemPackage
import Transport

/// Standard input as a source of lines that are edited at a terminal before they are read.
final class EditedInput: ByteSource {
  private let editor: LineEditor
  private let screen: EditedScreen
  private let history: LineHistory
  /// Signalled while there is something to read without further input from the keyboard.
  private let wakeup: EventCounter
  /// Complete lines that were not read yet.
  private var lines: [UInt8] = []
  private var hasEnded = false

  /// Creates the source.
  ///
  /// - Parameter history: The lines that the arrow keys recall.
  init(_ editor: LineEditor, below screen: EditedScreen, history: LineHistory) throws(IOFailure) {
    self.editor = editor
    self.screen = screen
    self.history = history
    wakeup = try EventCounter()
  }

  var medium: DescriptorKind { .terminal }
  var descriptor: FileDescriptor { lines.isEmpty && !hasEnded ? .standardInput : wakeup.descriptor }
  var name: String { "standard input" }

  /// Handles input from the keyboard, and reads completed lines, each with its newline.
  func read(into buffer: inout MutableSpan<UInt8>, atMost limit: Int) -> Transfer {
    if lines.isEmpty, !hasEnded { attend() }
    guard !lines.isEmpty else { return hasEnded ? .endOfStream : .wouldBlock }
    let count = min(lines.count, buffer.count, limit)
    for index in 0..<count { buffer[index] = lines[index] }
    lines.removeFirst(count)
    if !lines.isEmpty || hasEnded { wakeup.signal() }
    return .moved(count)
  }

  private func attend() {
    editor.attend()
    while let event = editor.next() {
      screen.didEndLine()
      switch event {
      case .line(let line):
        lines += line + [UInt8(ascii: "\n")]
        for part in line.split(separator: UInt8(ascii: "\n"))
        where part.contains(where: { $0 != UInt8(ascii: " ") }) {
          history.add(Array(part))
        }
      case .end: hasEnded = true
      }
    }
    if !hasEnded, !editor.isEditing { screen.beginLine() }
  }

  /// A failure to read the terminal, which readline treats as end-of-stream.
  func readError(_ code: Errno) -> IOFailure { IOFailure(.read(name), code) }

  /// Handles a signal of the terminal that does not end the program.
  ///
  /// - Returns: Whether the signal was one of these.
  func heeds(_ signal: CInt) -> Bool { editor.heeds(signal) }
}
