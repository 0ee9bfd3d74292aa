// SPDX-License-Identifier: GPL-3.0-or-later

/// How a process ended.
package enum ProcessEnding: Equatable, Sendable, CustomStringConvertible {
  /// It exited with a status.
  case exited(CInt)
  /// A signal killed it.
  case killed(by: CInt)

  /// What a shell shows as `$?`: the status, or 128 and the signal's number.
  package var shellStatus: CInt {
    switch self {
    case .exited(let status): status
    case .killed(let signal): 128 + signal
    }
  }

  /// The ending in words, such as `status 7` or `signal 9`.
  package var description: String {
    switch self {
    case .exited(let status): "status \(status)"
    case .killed(let signal): "signal \(signal)"
    }
  }
}
