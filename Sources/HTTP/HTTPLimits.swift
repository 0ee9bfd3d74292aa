// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// The limits of a client's requests, which bound the memory for it.
package struct HTTPLimits: Equatable, Sendable {
  /// The maximum length of the request line, in bytes; RFC 9112 requires at least 8000.
  package var requestLine = 8192
  /// The maximum total length of all header fields of a request, or of all its trailer fields, in bytes.
  package var fieldBytes = 32 << 10
  /// The maximum number of header fields, and of trailer fields, of a request.
  package var fieldCount = 100
  /// The maximum length of a request's body that is read and discarded, in bytes as they are sent.
  package var body = 1 << 20
  /// The maximum length of the line before a chunk, in bytes.
  package var chunkLine = 256
  /// The time from the first byte of a request until its header must be complete; `nil` for no limit.
  package var headerTime: Duration? = .seconds(10)
  /// The time from there until its body must be complete.
  package var bodyTime = Duration.seconds(30)
  /// The bytes of an upload that extend this time by a second, so that a large file may take as long as it needs and
  /// a client that hardly sends anything is still given up.
  package var uploadRate = 1024
  /// The maximum number of requests that are answered in one reply; an answer with a file is always the last, so that a
  /// client keeps at most one file open.
  package var answersPerReply = 16
  /// The number of bytes in memory after which no more requests are answered in the same reply.
  package var bytesPerReply = 256 << 10
  /// The maximum number of directory entries that are listed.
  package var listedEntries = 10_000

  /// The deadline of a header that begins now.
  var headerDeadline: Deadline { headerTime.map { .after($0) } ?? .never }

  /// Creates the default limits.
  package init() {}
}
