// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage
import Transport

/// Something that happened to a client of a hub.
package enum HubEvent: Sendable {
  /// It is served from here on, on this socket.
  case began(socket: FileDescriptor, family: AddressFamily)
  /// It is served no longer.
  case ended(HubEnding)
}

/// What became of one client.
package struct HubEnding: Sendable {
  /// Why a client was not served to an orderly end.
  package enum Problem: Equatable, Sendable {
    /// The connection broke.
    case broken(SystemError)
    /// What it was to be sent could not be read.
    case replyUnreadable(SystemError)
    /// It read nothing for this long, and held others up.
    case stalled(Duration)
    /// It was sent nothing and sent nothing for as long as was allowed.
    case idle
    /// The hub has ended.
    case graceExpired
    /// Others wanted its place, and it had stopped sending.
    case evicted
  }

  /// The client.
  package let peer: Address
  /// What was moved, and how long it took.
  package let report: Relay.Report
  /// Why it was not served to an orderly end; `nil` if it was.
  package let problem: Problem?
  /// What the kernel says of the connection; `nil` for anything but TCP.
  package let tcp: TCPInformation?

  /// What became of a client whom nothing was sent and from whom nothing was received.
  init(peer: Address, problem: Problem) {
    self.init(
      peer: peer,
      report: Relay.Report(
        outcome: .finished, sent: TransferCounters(), received: TransferCounters(), duration: .zero),
      problem: problem, tcp: nil)
  }

  /// What became of a client.
  init(peer: Address, report: Relay.Report, problem: Problem?, tcp: TCPInformation?) {
    self.peer = peer
    self.report = report
    self.problem = problem
    self.tcp = tcp
  }
}
