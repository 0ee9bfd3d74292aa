// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import CReadline
import Glibc
package import SystemPackage

/// Edits lines on the terminal of standard input and output with GNU readline.
///
/// It does not wait: the caller's loop calls `attend` when standard input is readable. While a line is edited, from
/// `begin` until a line is complete or `end` is called, the terminal is in readline's mode. There is one editor at a
/// time, on the main thread, because readline's state is global.
package final class LineEditor {
  /// The result of the keys typed.
  package enum Event: Equatable, Sendable {
    /// A line is complete, in bytes and without its end.
    case line([UInt8])
    /// The input has ended, or Ctrl-D was typed on an empty line.
    case end
  }

  /// Prepares readline.
  ///
  /// - Parameter completions: The completions of a word, given the text before it and the word; by default, Tab inserts
  ///   a tab character.
  package init(completions: ((_ before: String, _ word: String) -> [String])? = nil) {
    // Without the locale, a character of several bytes would be edited as several. A locale of ASCII only usually means
    // that no locale is set, so UTF-8 is assumed.
    unsafe setlocale(LC_CTYPE, "")
    if unsafe strcmp(nl_langinfo(nl_item(CODESET)), "ANSI_X3.4-1968") == 0 {
      unsafe setlocale(LC_CTYPE, "C.UTF-8")
      // Readline sets the locale again, from the environment.
      unsafe setenv("LC_ALL", "C.UTF-8", 1)
    }
    // The name for conditions in ~/.inputrc; never freed, because readline keeps the pointer.
    unsafe rl_readline_name = UnsafePointer(strdup("sockkit"))
    // Signals are read from a descriptor in the caller's loop.
    rl_catch_signals = 0
    rl_catch_sigwinch = 0
    rl_deprep_term_function = {
      // Otherwise readline would print a newline at the end of the input, but only if bracketed paste is on.
      rl_eof_found = 0
      rl_deprep_terminal()
    }
    TerminalOutput.install()
    Keyboard.install()
    if completions == nil {
      // Before ~/.inputrc is read, which may bind Tab differently.
      unsafe rl_bind_key_in_map(CInt(UInt8(ascii: "\t")), rl_insert, rl_get_keymap_by_name("emacs"))
      unsafe rl_bind_key_in_map(CInt(UInt8(ascii: "\t")), rl_insert, rl_get_keymap_by_name("vi-insert"))
    }
    Completion.install(completions ?? { _, _ in [] })
  }

  deinit { end() }

  /// Whether the line has been shown again since the program was stopped.
  private var hasResumed = false

  /// Shows a prompt and edits a line after it: a new line, or the text that was typed before `attend` returned an
  /// event.
  ///
  /// - Parameter following: The prompt of a further line that is completed before this one is answered; by default the
  ///   same prompt.
  package func begin(prompt: String, following: String? = nil) {
    unsafe EditorState.wantedPrompt = prompt
    unsafe EditorState.shownPrompt = prompt
    unsafe EditorState.followingPrompt = following ?? prompt
    unsafe EditorState.isEditing = true
    unsafe rl_callback_handler_install(prompt) { unsafe EditorState.take($0) }
    guard unsafe !EditorState.carriedLine.isEmpty else { return }
    // Installing a handler starts an empty line.
    unsafe EditorState.carriedLine.append(0)
    unsafe EditorState.carriedLine.withUnsafeBytes {
      unsafe _ = rl_insert_text($0.baseAddress?.assumingMemoryBound(to: CChar.self))
    }
    unsafe EditorState.carriedLine = []
    rl_redisplay()
  }

  /// Processes a key; must be called when standard input is readable.
  ///
  /// If that produces events, the terminal is restored to its mode before `begin`, and no line is edited until `begin`
  /// is called again.
  package func attend() {
    Keyboard.attend()
    guard unsafe EditorState.isEditing else { return }
    if unsafe EditorState.events.isEmpty {
      EditorState.updatePrompt()
    } else {
      // A macro has continued after the end of a line.
      unsafe EditorState.carriedLine = UnsafeBufferPointer(start: rl_line_buffer, count: Int(rl_end)).map(
        UInt8.init(bitPattern:))
      rl_clear_visible_line()
      rl_callback_handler_remove()
      try? TerminalOutput.flush()
      unsafe EditorState.isEditing = false
    }
  }

  /// The next event of the keys typed; a macro can produce several at once.
  package func next() -> Event? {
    unsafe EditorState.events.isEmpty ? nil : EditorState.events.removeFirst()
  }

  /// Whether a line is being edited.
  package var isEditing: Bool { unsafe EditorState.isEditing }

  /// Whether the line is empty.
  package var isLineEmpty: Bool { rl_end == 0 }

  /// Leaves the current line on the screen, and starts an empty one.
  package func abandonLine(prompt: String) {
    rl_free_line_state()
    rl_callback_sigcleanup()
    end()
    unsafe rl_replace_line("", 0)
    begin(prompt: prompt)
  }

  /// Restores the terminal to its mode before `begin`, with the cursor on a new row; does nothing if no line is being
  /// edited.
  package func end() {
    guard unsafe EditorState.isEditing else { return }
    unsafe EditorState.isEditing = false
    leaveLine()
    rl_callback_handler_remove()
    try? TerminalOutput.flush()
  }

  /// Restores the terminal while `body` stops the program, and shows the line again afterwards.
  ///
  /// The next call of `resume`, for the signal that continued the program, then does nothing.
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

  /// Moves the cursor below the line, unless nothing of it is visible.
  private func leaveLine() {
    guard unsafe rl_end > 0 || rl_display_prompt[0] != 0 else { return }
    rl_point = rl_end
    rl_redisplay()
    TerminalOutput.write("\n")
  }
}

/// The screen around the line.
extension LineEditor {
  /// Writes text, above the line if one is being edited.
  ///
  /// - Parameters:
  ///   - text: Complete rows, each with its newline; if no line is being edited, any text.
  ///   - prompt: The prompt to show before the line from now on. While a search shows its own prompt, the change is
  ///     deferred.
  /// - Throws: The reason why the terminal has not accepted the text.
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

  /// Whether the line that was completed last had a prompt that should have been replaced but was still shown.
  package var wasPromptPutOff: Bool { unsafe EditorState.wasPromptPutOff }

  /// Hides the line while other code writes rows to the terminal.
  package static func aside(_ body: () -> Void) {
    guard unsafe EditorState.isEditing, unsafe !EditorState.isAside else { return body() }
    unsafe EditorState.isAside = true
    rl_clear_visible_line()
    try? TerminalOutput.flush()
    body()
    unsafe EditorState.isAside = false
    rl_forced_update_display()
  }

  /// Shows the line again after another program, such as a shell, has set the terminal's mode.
  package func resume() {
    defer { hasResumed = false }
    guard unsafe EditorState.isEditing, !hasResumed else { return }
    EditableTerminal.take()
    // The position of the cursor is unknown.
    TerminalOutput.write("\n")
    rl_forced_update_display()
  }

  /// Adapts to a new size of the terminal.
  package func resize() {
    guard unsafe EditorState.isEditing else { return }
    guard _rl_vis_botlin > 0 else { return rl_resize_terminal() }
    // The terminal decides where the rows of the line are now, and received text is above them.
    let point = rl_point
    leaveLine()
    rl_reset_screen_size()
    rl_point = point
    rl_forced_update_display()
  }
}
