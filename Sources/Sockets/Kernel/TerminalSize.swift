// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import SystemPackage

/// The size of a terminal, which may change at any time.
package enum TerminalSize {
  /// The number of columns of a terminal. The corresponding C function is `ioctl` with TIOCGWINSZ.
  ///
  /// - Returns: `nil` if it is not a terminal, or the terminal does not report its size.
  package static func columns(of descriptor: FileDescriptor) -> Int? {
    var size = winsize()
    guard unsafe ioctl(descriptor.rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}
