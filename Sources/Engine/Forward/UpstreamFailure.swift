// SPDX-License-Identifier: GPL-3.0-or-later

import Handshakes
import Sockets
import SystemPackage

/// Why a client could not be connected to its target, and what a proxy replies to that.
struct UpstreamFailure {
  /// The failure for the log.
  let failure: Failure
  /// What the client is told if it has asked for the target.
  let outcome: ProxyOutcome

  /// Creates a failure with an outcome of its own.
  init(_ failure: Failure, _ outcome: ProxyOutcome) { (self.failure, self.outcome) = (failure, outcome) }

  /// Converts a failure to connect, to a proxy on the way or to the target itself.
  init(_ error: ConnectionError, ofProxy isProxy: Bool = false) {
    let outcome: ProxyOutcome =
      switch error {
      case .failed(let cause): Self.outcome(cause.code)
      case .timedOut: .timedOut
      case .noAddressInFamily: .hostUnreachable
      }
    self.init(Failure(error, ofProxy: isProxy), outcome)
  }

  /// Converts a failed name look-up.
  init(_ error: ResolutionError) {
    self.init(Failure(error), error.reason == .timedOut ? .timedOut : .hostUnreachable)
  }

  /// Converts a failed system call, or a failed handshake with the target.
  init(_ error: IOFailure) { self.init(Failure(error), Self.outcome(error.code)) }

  private static func outcome(_ code: Errno) -> ProxyOutcome {
    switch code {
    case .connectionRefused: .connectionRefused
    case .networkUnreachable, .networkDown: .networkUnreachable
    case .noRouteToHost, .hostIsDown: .hostUnreachable
    case .timedOut: .timedOut
    default: .failed
    }
  }
}
