// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Sockets

/// The kind of a word on the command line, which determines its completions.
enum Candidates: String {
  /// A host, followed by a service for the port.
  case remoteAddress
  /// A service for the port to bind, or a local address before it.
  case localAddress
  /// The same, followed by a directory.
  case servedAddress
  /// A host in one word with its port, whatever precedes it.
  case target
  /// A host only.
  case hostName
  /// A service.
  case service
  /// An address of this machine.
  case ownAddress
  /// A network interface.
  case networkInterface
  /// A congestion control algorithm of the kernel.
  case congestionControl
}

extension CompletionKind {
  /// A host, followed by a service for the port.
  static let remoteAddress = of(.remoteAddress)
  /// A service for the port to bind, or a local address before it.
  static let localAddress = of(.localAddress)
  /// The same, followed by a directory.
  static let servedAddress = of(.servedAddress)
  /// A host in one word with its port, whatever precedes it.
  static let target = of(.target)
  /// A host only.
  static let hostName = of(.hostName)
  /// A service.
  static let service = of(.service)
  /// An address of this machine.
  static let ownAddress = of(.ownAddress)
  /// A network interface.
  static let networkInterface = of(.networkInterface)
  /// A congestion control algorithm of the kernel.
  static let congestionControl = of(.congestionControl)
  /// The name of a code point.
  static let codePoint = list(DifferentiatedServices.names.map(\.name))

  /// The parser passes the name on in its description. Its own scripts, which would run the name, are not used.
  private static func of(_ candidates: Candidates) -> CompletionKind { shellCommand(candidates.rawValue) }
}
