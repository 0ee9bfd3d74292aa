// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import CReadline
import Glibc

/// The terminal of standard input and output, as far as editing lines depends on it.
package enum EditableTerminal {
  /// Whether lines can be edited here: standard input and output are one terminal on which the cursor can be moved, and
  /// this program is not a background job.
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

  /// Whether the terminal of standard input is not in canonical mode, which a user sets to pass the keys to the peer
  /// (`stty raw`). Meaningful only in the foreground: a shell that edits its own line turns canonical mode off too.
  package static var isRaw: Bool {
    var mode = termios()
    return unsafe tcgetattr(STDIN_FILENO, &mode) == 0 && mode.c_lflag & tcflag_t(ICANON) == 0
      && isInForeground
  }

  private static var isInForeground: Bool {
    let foreground = tcgetpgrp(STDIN_FILENO)
    return foreground == -1 || foreground == getpgrp()
  }

  /// The number of columns of the screen.
  package static var columns: Int {
    var columns: CInt = 0
    unsafe rl_get_screen_size(nil, &columns)
    return Int(columns)
  }

  /// The number of columns of a character; 1 for a character that cannot be displayed.
  package static func columns(of character: Unicode.Scalar) -> Int {
    if character.isASCII { return 1 }
    let count = wcwidth(wchar_t(character.value))
    return count < 0 ? 1 : Int(count)
  }

  /// Sets the terminal up for editing, again if necessary, as soon as this program is in the foreground.
  static func take() {
    // Until then the mode may be another program's, and is not the one to restore. The kernel stops a background job
    // that calls this.
    tcdrain(STDIN_FILENO)
    rl_deprep_term_function?()
    rl_prep_term_function?(1)
  }
}
