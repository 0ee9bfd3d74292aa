// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import Text

/// Sends back the bytes received (RFC 862), with an optional prefix before each line.
package struct EchoService: StreamService {
  private let prefix: [UInt8]

  /// Creates the service; an empty prefix leaves the bytes unchanged.
  package init(prefix: [UInt8] = []) { self.prefix = prefix }

  /// Starts a session.
  package func makeSession(for client: Address) -> Echo { Echo(prefix: prefix) }

  /// One client's echo.
  package final class Echo: ServiceSession {
    private static let newline = UInt8(ascii: "\n")
    /// The size of a reply after which the rest waits for the next one: prefixes may enlarge the bytes many times.
    private static let largestReply = 256 << 10

    private let prefix: [UInt8]
    private var isAtLineStart = true
    private var backlog: [UInt8] = []

    fileprivate init(prefix: [UInt8]) { self.prefix = prefix }

    /// Whether lines wait until those before them have been sent.
    package var hasBacklog: Bool { !backlog.isEmpty }

    /// Sends the bytes back.
    package func receive(_ bytes: Span<UInt8>, reply: inout Response) {
      guard !prefix.isEmpty else { return reply.append(bytes) }
      backlog.append(copying: bytes)
      let lines = backlog
      var start = 0
      while start < lines.count, reply.bytesInMemory < Self.largestReply {
        if isAtLineStart { reply.append(prefix) }
        let end = lines[start...].firstIndex(of: Self.newline)
        isAtLineStart = end != nil
        let next = end.map { $0 + 1 } ?? lines.count
        reply.append(lines.span.extracting(start..<next))
        start = next
      }
      backlog = Array(lines[start...])
    }
  }
}
