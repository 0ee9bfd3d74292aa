// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import CReadline
import Glibc
import SystemPackage

/// Where readline draws, for what is to be drawn in between: one flush takes both to the screen together.
enum TerminalOutput {
  /// Gives readline a stream of its own to the terminal of standard output.
  ///
  /// What a program that shares the terminal has made non-blocking would lose what does not fit.
  static func install() {
    let number = unsafe open("/proc/self/fd/\(STDOUT_FILENO)", O_WRONLY | O_NOCTTY | O_CLOEXEC)
    unsafe rl_outstream = number == -1 ? stdout : fdopen(number, "w") ?? stdout
  }

  /// Puts text behind what readline has drawn.
  static func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe fwrite($0.baseAddress, 1, $0.count, rl_outstream) }
  }

  /// Takes everything to the terminal.
  ///
  /// - Throws: Why it has not taken all of it, now or before.
  static func flush() throws(Errno) {
    errno = EIO
    guard unsafe fflush(rl_outstream) == 0, unsafe ferror(rl_outstream) == 0 else {
      throw Errno(rawValue: errno)
    }
  }
}
