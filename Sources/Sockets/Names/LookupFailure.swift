// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// Why a host was not found: the resolver's own verdict, and the words for it.
package struct LookupFailure: Error, Equatable, Sendable {
  /// The verdicts, the most telling last: of two look-ups of one name that fail, the later one here counts.
  package enum Verdict: String, Sendable, CaseIterable, Comparable {
    /// There is no such host.
    case hostNotFound = "HOST_NOT_FOUND"
    /// The host has no address of the kind asked for.
    case noData = "NO_DATA"
    /// The resolver cannot answer, and will not later.
    case noRecovery = "NO_RECOVERY"
    /// The look-up could not be carried out on this system.
    case systemError = "NETDB_INTERNAL"
    /// The resolver cannot answer now, though it may later.
    case tryAgain = "TRY_AGAIN"
    /// The resolver did not answer in the time it was given.
    case timedOut = "TIMED_OUT"

    /// Orders verdicts by how much they say of a name that was looked up twice.
    package static func < (left: Verdict, right: Verdict) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  /// The verdict.
  package let verdict: Verdict
  /// The reason in words.
  package let message: String

  /// Creates a failure with words of its own.
  package init(_ verdict: Verdict, _ message: String) {
    self.verdict = verdict
    self.message = message
  }

  /// Creates a failure in the words that `gai_strerror` has for the same verdict of `getaddrinfo`.
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

  /// Creates a failure of a system call that the look-up needed.
  package init(_ code: Errno) { self.init(.systemError, "\(code)") }

  /// The failure as a reason that commands of every kind know, with the status that belongs to it.
  package var reason: ResolutionError.Reason {
    switch verdict {
    case .hostNotFound, .noData: .unknownHost(message)
    case .tryAgain, .noRecovery: .unavailable(message)
    case .systemError: .notPossible(message)
    case .timedOut: .timedOut
    }
  }
}
