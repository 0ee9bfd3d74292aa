// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
package import Transport

/// How the stream of a connection is made: the plain one, and what is laid over it.
package struct StreamLayers: Sendable {
  /// Creates the plain stream over a connection.
  package var makeTransport: StreamMaking = { SocketStream($0, acknowledged: $1) }
  /// Sends or reads a header that precedes everything else; `nil` for none.
  package var header: StreamLayer?
  /// Protects the bytes; `nil` for no protection.
  package var protect: StreamLayer?
  /// Reads the request that precedes the payload; `nil` for none.
  var request: StreamLayer?

  /// Creates plain streams.
  package init() {}

  /// Whether there is anything but the plain stream, so that a command cannot use the connection directly.
  var areAny: Bool { header != nil || protect != nil || request != nil }

  /// The stream of the payload over a plain one.
  func stream(over transport: any ByteStream) -> any ByteStream {
    let stream = header?(transport) ?? transport
    let protected = protect?(stream) ?? stream
    return request?(protected) ?? protected
  }

  /// Creates the stream over a connection.
  var makeStream: StreamMaking {
    guard areAny else { return makeTransport }
    return { stream(over: makeTransport($0, $1)) }
  }
}
