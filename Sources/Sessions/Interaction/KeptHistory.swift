// SPDX-License-Identifier: GPL-3.0-or-later

import LineEditing
import Sockets
import SystemPackage

extension LineHistory {
  /// The lines of a command's earlier sessions, and of this one.
  ///
  /// - Parameter isKept: Whether there is more to it than this session; if that cannot be had, it is said with `-v`.
  static func ofCommand(_ name: String, isKept: Bool, _ observer: any SessionObserver) -> LineHistory {
    var lines = LineHistory()
    guard isKept, let path = LineHistory.path(ofCommand: name) else { return lines }
    do throws(Errno) {
      try lines.keep(in: path)
    } catch {
      let text = unsafe path.withPlatformString { unsafe ByteText.text(of: $0) }
      observer.report(.historyUnavailable(SystemError(.createFile(text), error)))
    }
    return lines
  }
}
