// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Sockets
import SockkitCore

/// Checks whether somebody listens, and tells by the exit status.
struct CheckSession {
  /// How to connect, to whom, and in which time.
  let dialer: Dialer
  /// Writes a record of each port.
  let isJSON: Bool
  let reporter: Reporter

  /// Checks ports; a status other than 0 ends the program.
  func run(_ ports: [UInt16]) throws {
    var connector = dialer.connector
    connector.isForProbing = true
    // The lines of several ports come in their order, which those of single addresses would not.
    if ports.count > 1 { connector.attemptFailed = { _ in } }
    var scan: PortScan
    do {
      scan = try PortScan(of: try dialer.addresses(), ports: ports, by: connector)
    } catch let error as ConnectionError {
      throw Failure(error)
    } catch let error as ResolutionError {
      throw Failure(error)
    }
    scan.limit = dialer.limit
    scan.retry = dialer.retry
    scan.deadline = dialer.deadline
    let areOpen = try scan.run { (state) throws(SystemError) in
      reporter.report(.checked(state))
      if isJSON { try StandardOutput.write(JSONLine.encode(PortRecord(state))) }
    }
    guard !areOpen else { return }
    if dialer.deadline.hasPassed {
      throw Failure(
        .timedOut, "check of \(dialer.endpoint): not finished within the time allowed (--timeout)")
    }
    Glibc.exit(ExitStatus.unavailable.rawValue)
  }
}
