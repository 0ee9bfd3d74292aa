// SPDX-License-Identifier: GPL-3.0-or-later

/// What one check of the system has found.
package struct Finding: Equatable, Sendable {
  /// What is checked, in the order of the report.
  package enum Check: String, CaseIterable, Sendable {
    case kernel
    case ipv4
    case ipv6
    case resolver
    case descriptors
    case receiveBuffer
    case sendBuffer
    case backlog
    case localPorts
    case privilegedPorts
    case fastOpen
    case multipath
    case terminal
    case locale
    case landlock
    case openSSL

    /// The display name of the check.
    package var title: String {
      switch self {
      case .kernel: "kernel"
      case .ipv4: "IPv4"
      case .ipv6: "IPv6"
      case .resolver: "resolver"
      case .descriptors: "descriptors"
      case .receiveBuffer: "receive buffer"
      case .sendBuffer: "send buffer"
      case .backlog: "backlog"
      case .localPorts: "local ports"
      case .privilegedPorts: "low ports"
      case .fastOpen: "TCP Fast Open"
      case .multipath: "Multipath TCP"
      case .terminal: "terminal"
      case .locale: "locale"
      case .landlock: "Landlock"
      case .openSSL: "OpenSSL"
      }
    }
  }

  /// What is limited by what was found.
  package struct Limit: Equatable, Sendable {
    /// What does not work, or works worse.
    package let effect: String
    /// Ways to change it, each of them enough.
    package let changes: [String]

    /// Describes a limit.
    init(_ effect: String, change changes: String...) {
      self.effect = effect
      self.changes = changes
    }
  }

  /// What was checked.
  package let check: Check
  /// What was found.
  package let value: String
  /// The same as a number, where it is one: bytes, ports, connections, descriptors, or a version.
  package let number: Int?
  /// What that limits; `nil` for nothing.
  package let limit: Limit?

  /// Describes what was found.
  init(_ check: Check, _ value: String, number: Int? = nil, limit: Limit? = nil) {
    self.check = check
    self.value = value
    self.number = number
    self.limit = limit
  }
}
