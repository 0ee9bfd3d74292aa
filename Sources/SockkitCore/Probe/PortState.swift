// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage

/// What a check has found out about one port.
package struct PortState: Sendable {
  /// Whether somebody listens.
  package enum Verdict: String, Sendable {
    /// Somebody accepted a connection.
    case open
    /// The host said that nobody listens, or the network that there is no way there.
    case closed
    /// Nothing was heard in time.
    case timeout

    /// What the reason tells for which a connection failed.
    init(_ reason: Errno) {
      self =
        switch reason {
        // Who refuses was not connected before; who resets was.
        case .connectionReset, .brokenPipe: .open
        case .timedOut: .timeout
        default: .closed
        }
    }
  }

  /// Where it was looked: the address that accepted, or the last one that did not.
  package let address: Address
  /// Whether somebody listens.
  package let verdict: Verdict
  /// How long the last try took.
  package let duration: Duration
  /// Why it is not open, if that was said.
  package let reason: Errno?

  /// The port and its state as one line: `127.0.0.1:22: open after 0.1 ms`.
  package var text: String {
    let time = Decimals.text(duration.seconds * 1000, places: 1)
    return "\(address): \(verdict) after \(time) ms" + (reason.map { " (\($0))" } ?? "")
  }
}
