// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// The reason why a host was not found: the resolver's verdict and a message.
package struct LookupFailure: Error, Equatable, Sendable {
  /// The verdicts, the most informative last: if two look-ups of one name fail, the later verdict in this list counts.
  package enum Verdict: String, Sendable, CaseIterable, Comparable {
    /// There is no such host.
    case hostNotFound = "HOST_NOT_FOUND"
    /// The host has no address of the requested kind.
    case noData = "NO_DATA"
    /// The resolver cannot answer, and a retry will not help.
    case noRecovery = "NO_RECOVERY"
    /// The look-up could not be carried out on this system.
    case systemError = "NETDB_INTERNAL"
    /// The resolver cannot answer now; a retry may help.
    case tryAgain = "TRY_AGAIN"
    /// The resolver did not answer in time.
    case timedOut = "TIMED_OUT"

    /// Orders verdicts by how informative they are.
    package static func < (left: Verdict, right: Verdict) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  /// The verdict.
  package let verdict: Verdict
  /// The message.
  package let message: String

  /// Creates a failure with its own message.
  package init(_ verdict: Verdict, _ message: String) {
    self.verdict = verdict
    self.message = message
  }

  /// Creates a failure with the message of `gai_strerror` for the equivalent error of `getaddrinfo`.
  package init(_ verdict: Verdict) {
    let code: CInt? =
      switch verdict {
      case .hostNotFound: EAI_NONAME
      case .noData: csockkit_no_data
      case .noRecovery: EAI_FAIL
      case .systemError: EAI_SYSTEM
      case .tryAgain: EAI_AGAIN
      case .timedOut: nil
      }
    let message = unsafe code.flatMap { unsafe gai_strerror($0) }.map { unsafe String(cString: $0) }
    self.init(verdict, message ?? "the resolver did not answer in time")
  }

  /// Creates the failure of a system call during the look-up.
  package init(_ code: Errno) { self.init(.systemError, "\(code)") }

  /// The failure as a reason that all commands share, which determines the exit status.
  package var reason: ResolutionError.Reason {
    switch verdict {
    case .hostNotFound, .noData: .unknownHost(message)
    case .tryAgain, .noRecovery: .unavailable(message)
    case .systemError: .notPossible(message)
    case .timedOut: .timedOut
    }
  }
}
