// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// Whether datagrams fail to arrive at present, judged by the errors that come back.
///
/// No error is no proof: over a network an error takes its time, and a host answers only some of what it refuses (Linux
/// about one datagram a second, `icmp_ratelimit`). So an outage is over when a datagram that was bound to be refused
/// was not. This machine refuses every datagram, and the kernel does not take one that a Unix socket refuses.
package struct Outage {
  /// The latest error, from the first one to the end of the outage.
  package private(set) var error: SystemError?
  private var latest = Deadline.never
  private var settled = Deadline.never

  /// How soon after an error another one is certain to come if a further datagram does not arrive either.
  private static let rateLimit = Duration.seconds(2)
  /// How long an error may be on its way over a network.
  private static let roundTrip = Duration.seconds(2)
  /// The same on this machine, where the kernel may put it off for a moment.
  private static let localDelay = Duration.milliseconds(100)

  /// Begins without an outage.
  package init() {}

  /// Takes note of an error.
  ///
  /// - Returns: Whether the outage begins with it.
  package mutating func meet(_ error: SystemError, at moment: Deadline) -> Bool {
    defer {
      self.error = error
      latest = moment
      settled = .never
    }
    return self.error == nil
  }

  /// Takes note of datagrams that were sent.
  package mutating func sent(at moment: Deadline) {
    guard error != nil, settled == .never else { return }
    switch place {
    case .sameKernel: settled = moment
    case .sameMachine: settled = moment + Self.localDelay
    case .network where latest + Self.rateLimit <= moment: settled = moment + Self.roundTrip
    case .network: break
    }
  }

  /// When the outage is over unless an error comes before; `never` if that takes a further datagram, or there is no outage.
  package var end: Deadline { settled }

  /// Ends the outage if its time has come.
  ///
  /// - Parameter isAnswered: Whether a reply came, which ends it at once.
  /// - Returns: The error that it was about, if it ends.
  package mutating func finish(at moment: Deadline, isAnswered: Bool = false) -> SystemError? {
    guard isAnswered || settled <= moment else { return nil }
    defer { self = Outage() }
    return error
  }

  private enum Place { case sameKernel, sameMachine, network }

  /// Where the errors come from.
  private var place: Place {
    guard case .sendDatagram(let address)? = error?.operation, let ip = address.ip else { return .sameKernel }
    return ip.isLoopback ? .sameMachine : .network
  }
}
