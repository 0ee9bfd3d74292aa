// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// A service as a line of JSON.
struct ServiceRecord: Encodable {
  /// The name of the service.
  let name: String
  /// The port.
  let port: UInt16
  /// The transport protocol.
  let `protocol`: String
  /// The other names.
  let aliases: [String]

  /// Creates the record of a service.
  init(_ service: Service) {
    name = service.name
    port = service.port
    `protocol` = service.protocol
    aliases = service.aliases
  }
}
