// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// How much of everything a client may send, so that what is held for it stays bounded.
package struct HTTPLimits: Equatable, Sendable {
  /// The longest request line, in bytes; RFC 9112 asks for at least 8000.
  package var requestLine = 8192
  /// The most bytes that all header fields of a request, or all its trailer fields, have together.
  package var fieldBytes = 32 << 10
  /// The most header fields, and the most trailer fields, of a request.
  package var fieldCount = 100
  /// The longest body of a request, in bytes as they are sent; it is read and thrown away.
  package var body = 1 << 20
  /// The longest line that says how long a chunk is, in bytes.
  package var chunkLine = 256
  /// The time from the first byte of a request until its header has to be complete; `nil` for no end.
  package var headerTime: Duration? = .seconds(10)
  /// The time from there until its body has to be.
  package var bodyTime = Duration.seconds(30)
  /// The most requests that are answered in one reply; none follows one that is answered with a file, so that a
  /// client holds no more than one open.
  package var answersPerReply = 16
  /// The bytes in memory after which no more requests are answered in the same reply.
  package var bytesPerReply = 256 << 10
  /// The most entries of a directory that are listed.
  package var listedEntries = 10_000

  /// When a header that begins now has to be complete.
  var headerDeadline: Deadline { headerTime.map { .after($0) } ?? .never }

  /// The limits as they are without being asked for others.
  package init() {}
}
