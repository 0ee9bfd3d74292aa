// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import CReadline
import Glibc

/// What the editor and readline's callbacks share: they are C functions, and have no other way.
///
/// Touched on the main thread alone, by the editor and by what readline calls within its calls.
enum EditorState {
  /// What keys have led to and nobody has taken yet.
  nonisolated(unsafe) static var events: [LineEditor.Event] = []
  /// Whether a handler is installed, and the terminal in readline's mode.
  nonisolated(unsafe) static var isEditing = false
  /// Whether the line is off the screen for now.
  nonisolated(unsafe) static var isAside = false
  /// The prompt that readline has.
  nonisolated(unsafe) static var shownPrompt = ""
  /// The prompt that it is to have.
  nonisolated(unsafe) static var wantedPrompt = ""
  /// The prompt of a line that begins before the one before is answered.
  nonisolated(unsafe) static var followingPrompt = ""
  /// What was typed of the next line before `begin` is called for it.
  nonisolated(unsafe) static var carriedLine: [UInt8] = []
  /// Whether the last line was completed while these two differed.
  nonisolated(unsafe) static var wasPromptPutOff = false

  /// Takes a line from readline, or the end of the input.
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
      // Readline goes on with these keys at once, and needs somebody to give the next line to.
      unsafe wantedPrompt = followingPrompt
      changePrompt()
    } else {
      // Removed here already, or the prompt would be shown once more before the line is answered.
      rl_callback_handler_remove()
      unsafe isEditing = false
    }
  }

  /// Whether the prompt on the screen is not that of a search or a number.
  static var mayChangePrompt: Bool { unsafe rl_display_prompt == rl_prompt }

  /// Gives readline the prompt that it is to have, before the line is drawn anew.
  static func changePrompt() {
    guard unsafe shownPrompt != wantedPrompt else { return }
    unsafe shownPrompt = wantedPrompt
    unsafe rl_set_prompt(wantedPrompt)
  }

  /// Shows a prompt that was put off.
  static func updatePrompt() {
    guard unsafe shownPrompt != wantedPrompt, mayChangePrompt else { return }
    rl_clear_visible_line()
    changePrompt()
    rl_forced_update_display()
  }
}
