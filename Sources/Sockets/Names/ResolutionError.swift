// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// A name that could not be turned into addresses or a port.
package struct ResolutionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The reason of the failure.
  package enum Reason: Equatable, Sendable {
    /// No such host, or no address of the requested family.
    case unknownHost(String)
    /// The host is an address of another family than the requested one.
    case otherFamily(than: AddressFamily)
    /// No such service, and not a port number.
    case unknownService
    /// A port number with its protocol, such as `80/tcp`.
    case portWithProtocol
    /// A number that is not a port number.
    case portOutOfRange
    /// A link-local address without an interface.
    case zoneMissing
    /// An address with an interface that does not exist.
    case zoneUnknown(String)
    /// The host is a name, and look-ups are disabled.
    case lookupForbidden
    /// The resolver did not answer in time.
    case timedOut
    /// The resolver cannot answer now; a retry may help.
    case unavailable(String)
    /// The look-up could not be carried out on this system.
    case notPossible(String)
    /// The resolver met a system error.
    case system(Errno)
  }

  /// The name that was looked up.
  package let name: String
  /// The reason of the failure.
  package let reason: Reason

  /// Creates an error about a name.
  package init(name: String, reason: Reason) {
    self.name = name
    self.reason = reason
  }

  /// `look up example.invalid: Name or service not known`.
  package var description: String {
    switch reason {
    case .unknownHost(let message), .unavailable(let message), .notPossible(let message):
      "look up \(name): \(message)"
    case .unknownService: "look up service \(name): unknown service"
    case .portWithProtocol: "port \(name): a port is written without its protocol"
    case .portOutOfRange: "port \(name): expected a number from 0 to 65535 or a service name"
    case .otherFamily(let family):
      "address \(name): not an \(family.title) address, and only those are allowed"
    case .zoneMissing: "address \(name): a link-local address needs its interface, as \(name)%eth0"
    case .zoneUnknown(let zone): "address \(name): there is no interface \(zone)"
    case .lookupForbidden: "look up \(name): not a numeric address, and name look-ups are turned off"
    case .timedOut: "look up \(name): the resolver did not answer in time"
    case .system(let code): "look up \(name): \(code)"
    }
  }

  /// Converts a result of `getaddrinfo`; `code` is its `errno`, used for `EAI_SYSTEM` only.
  init(name: String, status: CInt, code: Errno) {
    self.name = name
    let message = unsafe gai_strerror(status).map { unsafe String(cString: $0) } ?? "error \(status)"
    reason =
      switch status {
      case EAI_AGAIN: .unavailable(message)
      case EAI_SYSTEM: .system(code)
      case EAI_MEMORY: .system(.noMemory)
      case csockkit_lookup_in_progress: .timedOut
      default: .unknownHost(message)
      }
  }
}
