// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import CReadline
import Glibc

/// The state that the editor shares with readline's callbacks, which are C functions and cannot capture context.
///
/// Accessed on the main thread only, by the editor and by callbacks during its calls.
enum EditorState {
  /// The events of the keys typed that have not been taken yet.
  nonisolated(unsafe) static var events: [LineEditor.Event] = []
  /// Whether a handler is installed, and the terminal is in readline's mode.
  nonisolated(unsafe) static var isEditing = false
  /// Whether the line is hidden for now.
  nonisolated(unsafe) static var isAside = false
  /// The prompt that readline shows.
  nonisolated(unsafe) static var shownPrompt = ""
  /// The prompt that it should show.
  nonisolated(unsafe) static var wantedPrompt = ""
  /// The prompt of a line that begins before the previous one is answered.
  nonisolated(unsafe) static var followingPrompt = ""
  /// The text typed of the next line before `begin` is called for it.
  nonisolated(unsafe) static var carriedLine: [UInt8] = []
  /// Whether the last line was completed while the shown and the wanted prompt differed.
  nonisolated(unsafe) static var wasPromptPutOff = false

  /// Takes a line, or the end of input, from readline.
  static func take(_ line: UnsafeMutablePointer<CChar>?) {
    unsafe wasPromptPutOff = wantedPrompt != shownPrompt
    if let line = unsafe line {
      unsafe events.append(
        .line(Array(UnsafeBufferPointer(start: line, count: strlen(line))).map(UInt8.init(bitPattern:))))
      unsafe free(line)
    } else {
      unsafe events.append(.end)
      if unsafe shownPrompt != "" { TerminalOutput.write("\n") }
      try? TerminalOutput.flush()
    }
    if RL_STATE_MACROINPUT & Int32(truncatingIfNeeded: rl_readline_state) != 0 || rl_pending_input != 0
      || _rl_pushed_input_available() != 0
    {
      // Readline processes these keys at once, and needs a handler for the next line.
      unsafe wantedPrompt = followingPrompt
      changePrompt()
    } else {
      // Removed here already; otherwise readline would show the prompt again before the line is answered.
      rl_callback_handler_remove()
      unsafe isEditing = false
    }
  }

  /// Whether the prompt on the screen is readline's main prompt, rather than that of a search or a numeric argument.
  static var mayChangePrompt: Bool { unsafe rl_display_prompt == rl_prompt }

  /// Passes the wanted prompt to readline, before the line is redrawn.
  static func changePrompt() {
    guard unsafe shownPrompt != wantedPrompt else { return }
    unsafe shownPrompt = wantedPrompt
    unsafe rl_set_prompt(wantedPrompt)
  }

  /// Shows a prompt that was deferred.
  static func updatePrompt() {
    guard unsafe shownPrompt != wantedPrompt, mayChangePrompt else { return }
    rl_clear_visible_line()
    changePrompt()
    rl_forced_update_display()
  }
}
