// SPDX-License-Identifier: GPL-3.0-or-later

import LineEditing
import Sockets
import SystemPackage

extension LineHistory {
  /// The lines of a command's earlier sessions, and of this one.
  ///
  /// - Parameter isKept: Whether lines are kept from session to session; if they cannot be kept, this is reported with
  ///   `-v`.
  static func ofCommand(_ name: String, isKept: Bool, _ observer: any SessionObserver) -> LineHistory {
    var lines = LineHistory()
    guard isKept, let path = LineHistory.path(ofCommand: name) else { return lines }
    do throws(Errno) {
      try lines.keep(in: path)
    } catch {
      let text = unsafe path.withPlatformString { unsafe ByteText.text(of: $0) }
      observer.report(.historyUnavailable(IOFailure(.createFile(text), error)))
    }
    return lines
  }
}
