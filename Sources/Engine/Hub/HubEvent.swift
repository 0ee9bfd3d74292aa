// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage
package import Transport

/// An event of a client of a hub.
package enum HubEvent: Sendable {
  /// It is served from here on, on this socket.
  case began(socket: FileDescriptor)
  /// It is no longer served.
  case ended(HubEnding)
}

/// The end of one client.
package struct HubEnding: Sendable {
  /// The reason why a client was not served to an orderly end.
  package enum Problem: Equatable, Sendable {
    /// The connection broke.
    case broken(IOFailure)
    /// The bytes to send to it could not be read.
    case replyUnreadable(IOFailure)
    /// It read nothing for this long, and delayed others.
    case stalled(Duration)
    /// No bytes were transferred in either direction within the idle time.
    case idle
    /// The hub has ended.
    case graceExpired
    /// It had stopped sending, and its place was needed for another client.
    case evicted
  }

  /// The client.
  package let peer: Address
  /// The bytes transferred, and the duration.
  package let report: Relay.Report
  /// The problem that ended it; `nil` if it ended in order.
  package let problem: Problem?
  /// The kernel's information about the connection; `nil` for anything but TCP.
  package let tcp: TCPInformation?
  /// How the client has ended its stream.
  package let end: StreamEnd?

  /// The end of a client with which no bytes were exchanged.
  init(peer: Address, problem: Problem) {
    self.init(
      peer: peer,
      report: Relay.Report(
        outcome: .finished, sent: TransferCounters(), received: TransferCounters(), duration: .zero),
      problem: problem, tcp: nil, end: nil)
  }

  /// The end of a client.
  init(
    peer: Address, report: Relay.Report, problem: Problem?, tcp: TCPInformation?, end: StreamEnd?
  ) {
    self.peer = peer
    self.report = report
    self.problem = problem
    self.tcp = tcp
    self.end = end
  }
}

/// How a hub ended.
package enum HubOutcome: Equatable, Sendable {
  /// In order; for a single client, its connection ended in order.
  case finished
  /// The connection of the only client, or the reply to it, broke.
  case failed(IOFailure)
  /// No byte was transferred in either direction between the hub and its only client within the idle time.
  case idle(Address)
  /// The hub exceeded its total time.
  case late
  /// No client connected in time.
  case noClient
  /// The only connection is from a peer that may not connect, or its handshake has failed.
  case refused
  /// A signal requested the end of a hub for a single client.
  case interrupted(by: CInt)
  /// The grace period was over before this many bytes could be written to standard output.
  case unwritten(Int)
}
