// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Sockets

/// The kernel's options for sent datagrams.
struct DatagramSendingOptions: ParsableArguments {
  @Flag(help: "Allow a broadcast address (SO_BROADCAST).")
  var broadcast = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The time to live, or hop limit, of datagrams: 1 to 255.", valueName: "n"),
    completion: .timeToLive, transform: ValueArgument.timeToLive)
  var ttl: Int?

  @Option(
    help: ArgumentHelp("The interface for datagrams to a group.", valueName: "name"),
    completion: .networkInterface,
    transform: ValueArgument.interfaceName)
  var multicastInterface: String?

  @Flag(
    inversion: .prefixedNo,
    help: "Whether datagrams to a group reach receivers on this machine too; the system says yes.")
  var multicastLoop: Bool?

  /// The flags that a Unix socket and a proxy exclude, and whether each of them is given.
  var flags: [(isGiven: Bool, name: String)] {
    [
      (broadcast, "--broadcast"), (ttl != nil, "--ttl"),
      (multicastInterface != nil, "--multicast-interface"), (multicastLoop != nil, "--multicast-loop"),
    ]
  }

  /// The options for the socket layer.
  ///
  /// - Throws: A usage error for an option that the endpoint's family does not have.
  func settings(for endpoint: Endpoint) throws -> DatagramSettings {
    if let kind = endpoint.kindBesidesIP {
      if let flag = flags.first(where: \.isGiven) {
        throw ValidationError("\(flag.name) does not apply to \(kind)")
      }
    }
    var settings = DatagramSettings()
    settings.isBroadcastAllowed = broadcast
    settings.timeToLive = ttl
    settings.multicastInterface = multicastInterface
    settings.isMulticastLooped = multicastLoop
    return settings
  }
}
