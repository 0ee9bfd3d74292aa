// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Glibc
import Sockets

/// Checks whether ports accept connections, and ends with the exit status that says so.
struct CheckSession {
  /// What is checked, one scan for each host.
  let scans: [PortScan]
  /// Whether there is one host with one port, whose own status is that of the check.
  let isOfOne: Bool
  /// What is checked, for messages.
  let name: String
  /// When to give up.
  let deadline: Deadline
  /// Whether a record of each port is written.
  let isJSON: Bool
  let reporter: Reporter

  /// Checks the ports; a status other than 0 ends the program.
  func run() throws {
    var status = ExitStatus.success
    var unknownHost: String?
    let areOpen = try HostScans(scans).run { (state) throws(SystemError) in
      // Once for all ports of a host; with -v each port says so.
      if let failure = state.failure, unknownHost != state.host {
        reporter.report(.failed(failure))
        unknownHost = state.host
      }
      reporter.report(.checked(state))
      if isJSON { try StandardOutput.write(JSONLine.encode(PortRecord(state))) }
      status = isOfOne ? state.status : .unavailable
    }
    guard !areOpen else { return }
    if deadline.hasPassed {
      throw Failure(.timedOut, "check of \(name): not finished within the time allowed (--timeout)")
    }
    Glibc.exit(status.rawValue)
  }
}
