// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// A service as a line of JSON.
struct ServiceRecord: Encodable {
  let name: String
  let port: UInt16
  let `protocol`: String
  let aliases: [String]

  /// Creates the record of a service.
  init(_ service: Service) {
    name = service.name
    port = service.port
    `protocol` = service.protocol
    aliases = service.aliases
  }
}
