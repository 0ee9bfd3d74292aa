// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import CReadline
import Glibc
import SystemPackage

/// Readline's output stream, shared with other output: one flush writes both to the screen together.
enum TerminalOutput {
  /// Gives readline its own stream to the terminal of standard output.
  ///
  /// On a terminal that another program has made non-blocking, output that does not fit would be lost.
  static func install() {
    let number = unsafe open("/proc/self/fd/\(STDOUT_FILENO)", O_WRONLY | O_NOCTTY | O_CLOEXEC)
    unsafe rl_outstream = number == -1 ? stdout : fdopen(number, "w") ?? stdout
  }

  /// Appends text to the output of readline.
  static func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe fwrite($0.baseAddress, 1, $0.count, rl_outstream) }
  }

  /// Writes all pending output to the terminal.
  ///
  /// - Throws: The reason why the terminal has not accepted all of it, now or earlier.
  static func flush() throws(Errno) {
    errno = EIO
    guard unsafe fflush(rl_outstream) == 0, unsafe ferror(rl_outstream) == 0 else {
      throw Errno(rawValue: errno)
    }
  }
}
