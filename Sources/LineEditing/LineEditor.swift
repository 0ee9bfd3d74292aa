// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import CReadline
import Glibc
package import SystemPackage

/// Edits lines on the terminal of standard input and output with GNU readline.
///
/// It waits for nothing: whoever waits for descriptors calls `attend` when standard input is readable. While a line is
/// edited the terminal is in a mode of its own, from `begin` until a line is complete or `end` is called. There is one
/// at a time, on the main thread, because all of readline is one global state.
package final class LineEditor {
  /// What keys led to.
  package enum Event: Equatable, Sendable {
    /// A line is complete, in bytes and without its end.
    case line([UInt8])
    /// The input has ended, or Ctrl-D was typed on an empty line.
    case end
  }

  /// Prepares readline for a program.
  ///
  /// - Parameter completions: The words that a word may be completed to, given the text before it and the word; without
  ///   it, Tab is a character like any other.
  package init(completions: ((_ before: String, _ word: String) -> [String])? = nil) {
    // Without it, a character of several bytes would be edited as several. A locale that knows ASCII alone says no more
    // about the terminal than that nobody has set one.
    unsafe setlocale(LC_CTYPE, "")
    if unsafe strcmp(nl_langinfo(nl_item(CODESET)), "ANSI_X3.4-1968") == 0 {
      unsafe setlocale(LC_CTYPE, "C.UTF-8")
      // Readline sets the locale again, to what the environment says.
      unsafe setenv("LC_ALL", "C.UTF-8", 1)
    }
    // By which conditions in ~/.inputrc are told apart; it has to stay, as readline keeps the pointer.
    unsafe rl_readline_name = UnsafePointer(strdup("sockkit"))
    // Signals are read from a descriptor in the loop that calls this.
    rl_catch_signals = 0
    rl_catch_sigwinch = 0
    rl_deprep_term_function = {
      // Or it would put a newline behind the end of the input where pasted text is told from typed, and nowhere else.
      rl_eof_found = 0
      rl_deprep_terminal()
    }
    TerminalOutput.install()
    Keyboard.install()
    if completions == nil {
      // Before ~/.inputrc is read, which may have it otherwise.
      unsafe rl_bind_key_in_map(CInt(UInt8(ascii: "\t")), rl_insert, rl_get_keymap_by_name("emacs"))
      unsafe rl_bind_key_in_map(CInt(UInt8(ascii: "\t")), rl_insert, rl_get_keymap_by_name("vi-insert"))
    }
    Completion.install(completions ?? { _, _ in [] })
  }

  deinit { end() }

  /// Whether the line is shown again since the program was stopped.
  private var hasResumed = false

  /// Shows a prompt and edits a line after it: a new one, or what was typed of one before `attend` came to an event.
  ///
  /// - Parameter following: The prompt of a further line that is complete before this one is answered; this one's, if
  ///   it is not given.
  package func begin(prompt: String, following: String? = nil) {
    unsafe EditorState.wantedPrompt = prompt
    unsafe EditorState.shownPrompt = prompt
    unsafe EditorState.followingPrompt = following ?? prompt
    unsafe EditorState.isEditing = true
    unsafe rl_callback_handler_install(prompt) { unsafe EditorState.take($0) }
    guard unsafe !EditorState.carriedLine.isEmpty else { return }
    // Installing a handler begins an empty line.
    unsafe EditorState.carriedLine.append(0)
    unsafe EditorState.carriedLine.withUnsafeBytes {
      unsafe _ = rl_insert_text($0.baseAddress?.assumingMemoryBound(to: CChar.self))
    }
    unsafe EditorState.carriedLine = []
    rl_redisplay()
  }

  /// Takes in a key; to be called when standard input is readable.
  ///
  /// If that leads to events, the terminal is as it was before `begin`, and no line is edited until `begin` is called
  /// again.
  package func attend() {
    Keyboard.attend()
    guard unsafe EditorState.isEditing else { return }
    if unsafe EditorState.events.isEmpty {
      EditorState.updatePrompt()
    } else {
      // A macro has gone on behind the end of a line.
      unsafe EditorState.carriedLine = UnsafeBufferPointer(start: rl_line_buffer, count: Int(rl_end)).map(
        UInt8.init(bitPattern:))
      rl_clear_visible_line()
      rl_callback_handler_remove()
      try? TerminalOutput.flush()
      unsafe EditorState.isEditing = false
    }
  }

  /// The next event that keys have led to, of which a macro can bring about several at once.
  package func next() -> Event? {
    unsafe EditorState.events.isEmpty ? nil : EditorState.events.removeFirst()
  }

  /// Whether a line is edited at present.
  package var isEditing: Bool { unsafe EditorState.isEditing }

  /// Whether nothing was typed yet.
  package var isLineEmpty: Bool { rl_end == 0 }

  /// Leaves the line as it stands on the screen, and begins an empty one.
  package func abandonLine(prompt: String) {
    rl_free_line_state()
    rl_callback_sigcleanup()
    end()
    unsafe rl_replace_line("", 0)
    begin(prompt: prompt)
  }

  /// Gives the terminal back as it was before `begin`, with the cursor on a row of its own; without a line that is
  /// edited, does nothing.
  package func end() {
    guard unsafe EditorState.isEditing else { return }
    unsafe EditorState.isEditing = false
    leaveLine()
    rl_callback_handler_remove()
    try? TerminalOutput.flush()
  }

  /// Gives the terminal back while `body` stops the program, and shows the line again after it.
  ///
  /// The next call of `resume`, for the signal that had the program go on, is then taken for done.
  package func pause(during body: () -> Void) {
    guard unsafe EditorState.isEditing else { return body() }
    let point = rl_point
    leaveLine()
    try? TerminalOutput.flush()
    rl_deprep_term_function?()
    body()
    EditableTerminal.take()
    hasResumed = true
    rl_reset_screen_size()
    rl_point = point
    rl_forced_update_display()
  }

  /// Puts the cursor below the line, unless there is nothing to be seen of it.
  private func leaveLine() {
    guard unsafe rl_end > 0 || rl_display_prompt[0] != 0 else { return }
    rl_point = rl_end
    rl_redisplay()
    TerminalOutput.write("\n")
  }
}

/// The screen around the line.
extension LineEditor {
  /// Writes text, above the line if one is edited.
  ///
  /// - Parameters:
  ///   - text: Rows, each with its newline; where no line is edited, anything.
  ///   - prompt: What to show before the line from now on. While a search has its own prompt there, that is put off.
  /// - Throws: Why the terminal has not taken it.
  package func write(_ text: String, prompt: String) throws(Errno) {
    guard unsafe EditorState.isEditing else {
      TerminalOutput.write(text)
      return try TerminalOutput.flush()
    }
    unsafe EditorState.wantedPrompt = prompt
    rl_clear_visible_line()
    TerminalOutput.write(text)
    if EditorState.mayChangePrompt { EditorState.changePrompt() }
    rl_forced_update_display()
    try TerminalOutput.flush()
  }

  /// Whether the line that was completed last had a prompt that was to be replaced by another, which was not shown.
  package var wasPromptPutOff: Bool { unsafe EditorState.wasPromptPutOff }

  /// Takes the line off the screen while somebody else writes rows to the terminal.
  package static func aside(_ body: () -> Void) {
    guard unsafe EditorState.isEditing, unsafe !EditorState.isAside else { return body() }
    unsafe EditorState.isAside = true
    rl_clear_visible_line()
    try? TerminalOutput.flush()
    body()
    unsafe EditorState.isAside = false
    rl_forced_update_display()
  }

  /// Shows the line again after somebody else has set the terminal's mode, such as a shell.
  package func resume() {
    defer { hasResumed = false }
    guard unsafe EditorState.isEditing, !hasResumed else { return }
    EditableTerminal.take()
    // Nobody knows where the cursor is.
    TerminalOutput.write("\n")
    rl_forced_update_display()
  }

  /// Takes note that the terminal has another size.
  package func resize() {
    guard unsafe EditorState.isEditing else { return }
    guard _rl_vis_botlin > 0 else { return rl_resize_terminal() }
    // Where the rows of the line are now depends on the terminal, and above them is what arrived.
    let point = rl_point
    leaveLine()
    rl_reset_screen_size()
    rl_point = point
    rl_forced_update_display()
  }
}
