// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import CReadline
import Glibc

/// The terminal of standard input and output, as far as editing lines depends on it.
package enum EditableTerminal {
  /// Whether lines can be edited here: standard input and output are one terminal on which the cursor can be moved, and
  /// which is this program's to set, not that of a job in the foreground.
  package static var isThere: Bool {
    guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1, let kind = unsafe getenv("TERM") else {
      return false
    }
    var (input, output) = (stat(), stat())
    guard unsafe fstat(STDIN_FILENO, &input) == 0, unsafe fstat(STDOUT_FILENO, &output) == 0 else {
      return false
    }
    return unsafe input.st_rdev == output.st_rdev && !["", "dumb"].contains(String(cString: kind))
      && isInForeground
  }

  /// Whether the terminal of standard input has its canonical mode off, which a user sets to leave the keys to the
  /// peer (`stty raw`). While a shell edits its own line that says nothing about a job in the background.
  package static var isRaw: Bool {
    var mode = termios()
    return unsafe tcgetattr(STDIN_FILENO, &mode) == 0 && mode.c_lflag & tcflag_t(ICANON) == 0
      && isInForeground
  }

  private static var isInForeground: Bool {
    let foreground = tcgetpgrp(STDIN_FILENO)
    return foreground == -1 || foreground == getpgrp()
  }

  /// The columns of the screen.
  package static var columns: Int {
    var columns: CInt = 0
    unsafe rl_get_screen_size(nil, &columns)
    return Int(columns)
  }

  /// The columns that a character takes; for one that cannot be shown, one.
  package static func columns(of character: Unicode.Scalar) -> Int {
    if character.isASCII { return 1 }
    let count = wcwidth(wchar_t(character.value))
    return count < 0 ? 1 : Int(count)
  }

  /// Sets the terminal up for editing, once more if it is already, as soon as it is this program's to set.
  static func take() {
    // Whose mode it is in until then is not the one to return to. The kernel stops a background job that calls this.
    tcdrain(STDIN_FILENO)
    rl_deprep_term_function?()
    rl_prep_term_function?(1)
  }
}
