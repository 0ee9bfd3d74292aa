// SPDX-License-Identifier: GPL-3.0-or-later

import Services
import Sockets

/// Writes one answer: the properties of the request and the connection that determine its form.
struct HTTPDelivery: Sendable {
  /// The client.
  let client: Address
  /// The request line; `nil` if it is incomplete, or was refused.
  let line: HTTPRequestLine?
  /// Whether the body is sent too, as for every method except HEAD.
  let hasBody: Bool
  /// The value of `Connection`; `nil` leaves it out.
  let connection: String?
  /// When the request began; `nil` if none did.
  let start: Deadline?

  /// Appends the answer to a reply.
  ///
  /// - Returns: The log entry to complete once the answer is sent.
  func write(_ response: HTTPResponse, to reply: inout Response) -> HTTPUnloggedAnswer {
    let bytes = response.write(to: &reply, hasBody: hasBody, connection: connection)
    let access = AccessLogEntry(
      client: client, method: line?.method.name, target: line?.target.text,
      status: response.status.rawValue, bytes: bytes, duration: .zero)
    return HTTPUnloggedAnswer(access: access, start: start, end: reply.count)
  }
}
