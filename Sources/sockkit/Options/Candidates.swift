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
  /// A numeric address, of a known host or of this machine.
  case numericAddress
  /// A network, or an address.
  case network
  /// A multicast group with its interface.
  case group
  /// A command of the shell.
  case command
  /// A network interface.
  case networkInterface
  /// A congestion control algorithm of the kernel.
  case congestionControl
  /// A user of the system.
  case user
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
  /// A numeric address, of a known host or of this machine.
  static let numericAddress = of(.numericAddress)
  /// A network, or an address.
  static let network = of(.network)
  /// A multicast group with its interface.
  static let group = of(.group)
  /// A command of the shell.
  static let command = of(.command)
  /// A network interface.
  static let networkInterface = of(.networkInterface)
  /// A congestion control algorithm of the kernel.
  static let congestionControl = of(.congestionControl)
  /// A user of the system.
  static let user = of(.user)
  /// Permissions of a file.
  static let fileMode = list(["0600", "0660", "0666"])
  /// The name of a code point.
  static let codePoint = list(DifferentiatedServices.names.map(\.name))
  /// The classic names of the type of service.
  static let typeOfService = list(DifferentiatedServices.classicNames.map(\.name))
  /// Durations, which show how one is written.
  static let duration = list(durations)
  /// A duration, or none.
  static let durationOrForever = list(durations + ["forever"])
  /// Sizes of buffers and other amounts of bytes.
  static let size = list(["4K", "64K", "1M", "8M"])
  /// Sizes of datagrams: the least that every host accepts, the most that fits an Ethernet frame, and the largest.
  static let datagramSize = list(["508", "1472", "65507"])
  /// Numbers of connections, datagrams or processes.
  static let count = list(["1", "10", "100", "1000"])
  /// Descriptors beyond the standard streams.
  static let descriptor = list(["3", "4", "5"])
  /// Numbers of event loops.
  static let workers = list(["1", "2", "4", "8"])
  /// Times to live: on this link, the usual one, and the longest.
  static let timeToLive = list(["1", "64", "255"])
  /// Sizes of segments: the default of IPv4 and IPv6, and what fits an Ethernet frame.
  static let segmentSize = list(["536", "1220", "1460"])
  /// Marks, which show how one is written.
  static let mark = list(["1", "0x100"])
  /// Any socket options, which show how one is written.
  static let anyOption = list(["socket:priority:6", "tcp:notsent_lowat:16384", "tcp:user_timeout:30000"])

  private static let durations = ["500ms", "1s", "10s", "1m", "1h"]

  /// The parser passes the name on in its description. Its own scripts, which would run the name, are not used.
  private static func of(_ candidates: Candidates) -> CompletionKind { shellCommand(candidates.rawValue) }
}
