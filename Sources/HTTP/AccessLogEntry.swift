// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import Text

/// The log entry of one answer.
package struct AccessLogEntry: Equatable, Sendable {
  /// The address of the client.
  package let client: Address
  /// The method; `nil` if the request line was invalid.
  package let method: String?
  /// The target as it was sent, which is printable ASCII; `nil` if the request line was invalid.
  package let target: String?
  /// The status of the answer.
  package let status: Int
  /// The number of body bytes that were sent; the header is not counted.
  package var bytes: Int
  /// The time from the first byte of the request until its whole answer was written to the connection, or until it was
  /// known that the rest would not be.
  package var duration: Duration

  /// The entry as one line: `127.0.0.1:5000 GET /index.html: 200, 120 bytes in 1.0 ms`.
  package var text: String {
    let time = Decimals.text(duration.seconds * 1000, places: 1)
    return "\(client) \(method ?? "-") \(target ?? "-"): \(status), \(bytes) bytes in \(time) ms"
  }
}
