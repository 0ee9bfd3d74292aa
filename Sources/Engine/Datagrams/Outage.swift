// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// Tracks whether datagrams currently fail to arrive, by the errors that are reported.
///
/// The absence of an error proves nothing: over a network an error takes time to arrive, and a host reports only some
/// of its refusals (Linux about one datagram per second, `icmp_ratelimit`). So an outage is over when a datagram that
/// would certainly have been refused was not. This machine refuses every datagram, and the kernel does not accept one
/// that a Unix socket refuses.
package struct Outage {
  /// The latest error, from the first one to the end of the outage.
  package private(set) var error: IOFailure?
  private var latest = Deadline.never
  private var settled = Deadline.never

  /// The time after an error from which another one is certain if a further datagram does not arrive either.
  private static let rateLimit = Duration.seconds(2)
  /// The longest time for an error to arrive over a network.
  private static let roundTrip = Duration.seconds(2)
  /// The same on this machine, where the kernel may delay an error for a moment.
  private static let localDelay = Duration.milliseconds(100)

  /// Creates the state without an outage.
  package init() {}

  /// Handles an error.
  ///
  /// - Returns: Whether the outage starts with it.
  package mutating func meet(_ error: IOFailure, at moment: Deadline) -> Bool {
    defer {
      self.error = error
      latest = moment
      settled = .never
    }
    return self.error == nil
  }

  /// Notes that datagrams were sent.
  package mutating func sent(at moment: Deadline) {
    guard error != nil, settled == .never else { return }
    switch place {
    case .sameKernel: settled = moment
    case .sameMachine: settled = moment + Self.localDelay
    case .network where latest + Self.rateLimit <= moment: settled = moment + Self.roundTrip
    case .network: break
    }
  }

  /// When the outage is over unless an error arrives before; `never` if that requires a further datagram, or there is
  /// no outage.
  package var end: Deadline { settled }

  /// Ends the outage if its time has come.
  ///
  /// - Parameter isAnswered: Whether a reply arrived, which ends it at once.
  /// - Returns: The error of the outage, if it ends.
  package mutating func finish(at moment: Deadline, isAnswered: Bool = false) -> IOFailure? {
    guard isAnswered || settled <= moment else { return nil }
    defer { self = Outage() }
    return error
  }

  private enum Place { case sameKernel, sameMachine, network }

  /// The origin of the errors.
  private var place: Place {
    guard case .sendDatagram(let address)? = error?.operation, let ip = address.ip else { return .sameKernel }
    return ip.isLoopback ? .sameMachine : .network
  }
}
