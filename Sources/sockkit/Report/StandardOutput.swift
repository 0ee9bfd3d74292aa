// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Sockets
import SockkitCore
import SystemPackage

/// Text on standard output, where nothing else buffers it.
enum StandardOutput {
  /// Writes a text and a newline, all of it or the program ends.
  static func print(_ text: String) {
    do {
      try FileDescriptor.standardOutput.writeAll((text + "\n").utf8)
    } catch Errno.brokenPipe {
      ProcessSignals.die(by: SIGPIPE)
    } catch {
      Reporter.current.report(.failed(Failure(.broken, "write standard output: \(error)")))
      exit(ExitStatus.broken.rawValue)
    }
  }
}
