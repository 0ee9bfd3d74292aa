// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import CReadline
import Glibc

/// Edits lines on the terminal of standard input and output with GNU readline.
///
/// It waits for nothing: whoever waits for descriptors calls `attend` when standard input is readable. While a line is
/// edited the terminal is in a mode of its own, from `begin` until a line is complete or `end` is called. There is one
/// at a time, on the main thread, because all of readline is one global state.
package final class LineEditor {
  /// What a key led to.
  package enum Event: Equatable, Sendable {
    /// The line is still edited.
    case editing
    /// A line is complete; the terminal is as it was before `begin`.
    case line(String)
    /// The input has ended, or Ctrl-D was typed on an empty line; the terminal is as it was before `begin`.
    case end
  }

  /// Prepares readline for a program.
  ///
  /// - Parameter completions: The words that a word may be completed to, given the text before it and the word.
  package init(completions: @escaping (_ before: String, _ word: String) -> [String]) {
    // Without it, a character of several bytes would be edited as several.
    unsafe setlocale(LC_CTYPE, "")
    // By which conditions in ~/.inputrc are told apart; it has to stay, as readline keeps the pointer.
    unsafe rl_readline_name = UnsafePointer(strdup("sockkit"))
    // Signals are read from a descriptor in the loop that calls this.
    rl_catch_signals = 0
    rl_catch_sigwinch = 0
    Completion.install(completions)
  }

  deinit { end() }

  /// Shows a prompt and edits a new line after it.
  package func begin(prompt: String) {
    unsafe Inbox.event = .editing
    unsafe rl_callback_handler_install(prompt) { line in
      // Removed here already, or the prompt would be shown once more before the line is answered.
      rl_callback_handler_remove()
      guard let line = unsafe line else {
        unsafe Inbox.event = .end
        return
      }
      unsafe Inbox.event = .line(String(cString: line))
      unsafe free(line)
    }
    unsafe Inbox.isEditing = true
  }

  /// Takes in a key; to be called when standard input is readable.
  package func attend() -> Event {
    rl_callback_read_char()
    let event = unsafe Inbox.event
    if event != .editing { unsafe Inbox.isEditing = false }
    return event
  }

  /// Whether a line is edited at present.
  package var isEditing: Bool { unsafe Inbox.isEditing }

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

  /// Gives the terminal back as it was before `begin`, with the cursor on a line of its own; without a line that is
  /// edited, does nothing.
  package func end() {
    guard unsafe Inbox.isEditing else { return }
    unsafe Inbox.isEditing = false
    rl_point = rl_end
    rl_redisplay()
    rl_callback_handler_remove()
    unsafe fputs("\n", rl_outstream)
    unsafe fflush(rl_outstream)
  }

  /// Gives the terminal back while `body` runs, and shows the line again after it.
  package func pause(during body: () -> Void) {
    guard unsafe Inbox.isEditing else { return body() }
    rl_deprep_term_function?()
    body()
    rl_prep_term_function?(1)
    rl_forced_update_display()
  }

  /// Takes note that the terminal has another size.
  package func resize() {
    if unsafe Inbox.isEditing { rl_resize_terminal() }
  }
}

/// What readline's callbacks leave for the editor: they are C functions, and have no other way.
private enum Inbox {
  /// Touched on the main thread alone, by the editor and by what readline calls within its calls.
  nonisolated(unsafe) static var event = LineEditor.Event.editing
  nonisolated(unsafe) static var isEditing = false
}
