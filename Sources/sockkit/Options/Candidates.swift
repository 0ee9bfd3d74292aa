// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Sockets

/// What a word on the command line is, where that says what it may be completed to.
enum Candidates: String {
  case remoteAddress
  case localAddress
  case servedAddress
  case target
  case hostName
  case service
  case ownAddress
  case networkInterface
  case congestionControl
}

extension CompletionKind {
  /// A host, and after it a service for the port.
  static let remoteAddress = of(.remoteAddress)
  /// A service for the port to bind, or an address of this machine before it.
  static let localAddress = of(.localAddress)
  /// The same, and a directory behind it.
  static let servedAddress = of(.servedAddress)
  /// A host in a word with its port, whatever stands before it.
  static let target = of(.target)
  /// A host, and nothing that is none.
  static let hostName = of(.hostName)
  /// A service.
  static let service = of(.service)
  /// An address of this machine.
  static let ownAddress = of(.ownAddress)
  /// A network interface.
  static let networkInterface = of(.networkInterface)
  /// A congestion control algorithm that the kernel has.
  static let congestionControl = of(.congestionControl)
  /// The name of a code point.
  static let codePoint = list(DifferentiatedServices.names.map(\.name))

  /// The parser hands the name on in its description; its own scripts, which would run it, are not used.
  private static func of(_ candidates: Candidates) -> CompletionKind { shellCommand(candidates.rawValue) }
}
