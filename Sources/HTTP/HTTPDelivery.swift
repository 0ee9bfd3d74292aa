// SPDX-License-Identifier: GPL-3.0-or-later

import Services
import Sockets

/// Writes one answer: all that is to be known of the request and the connection for that.
struct HTTPDelivery: Sendable {
  /// The client.
  let client: Address
  /// The first line of the request; `nil` if it is not complete, or was refused.
  let line: HTTPRequestLine?
  /// Whether the body is sent too, as for all but HEAD.
  let hasBody: Bool
  /// What `Connection` says; `nil` leaves it out.
  let connection: String?
  /// When the request began; `nil` if none did.
  let start: Deadline?

  /// Adds the answer to a reply.
  ///
  /// - Returns: What is to be logged of it once it is sent.
  func write(_ response: HTTPResponse, to reply: inout Response) -> HTTPUnloggedAnswer {
    let bytes = response.write(to: &reply, hasBody: hasBody, connection: connection)
    let access = AccessLogEntry(
      client: client, method: line?.method.name, target: line?.target.text,
      status: response.status.rawValue, bytes: bytes, duration: .zero)
    return HTTPUnloggedAnswer(access: access, start: start, end: reply.count)
  }
}
