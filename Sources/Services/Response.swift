// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import SystemPackage
import Text

/// A reply to a client: bytes, and parts of files that are sent without being copied through this process.
package struct Response {
  /// A piece of a reply.
  package enum Part: Sendable {
    /// Bytes in memory.
    case bytes([UInt8])
    /// A part of an open file, which the reply keeps open until it is sent.
    case file(SharedFile, offset: Int, count: Int)

    /// The length in bytes.
    package var count: Int {
      switch self {
      case .bytes(let bytes): bytes.count
      case .file(_, _, let count): count
      }
    }
  }

  /// The pieces, in order.
  package private(set) var parts: [Part] = []
  /// What follows the parts; `nil` if they are all.
  private var rest: Rest?
  /// Whether the session is over once everything is sent.
  package private(set) var endsSession = false

  /// What follows the parts. One word large, because a server keeps a reply for each connection.
  private enum Rest {
    case work(LongWork)
    indirect case failure(IOFailure)
  }

  /// Creates an empty reply.
  package init() {}

  /// The work whose result is sent after the parts; nothing is appended until then.
  package var work: LongWork? {
    if case .work(let work)? = rest { work } else { nil }
  }

  /// The error because of which the rest of the reply cannot be produced; the connection is reset once the parts are sent.
  package var failure: IOFailure? {
    if case .failure(let failure)? = rest { failure } else { nil }
  }

  /// Appends bytes.
  package mutating func append(_ bytes: [UInt8]) {
    if case .bytes? = parts.last {
      append(bytes.span)
    } else if !bytes.isEmpty {
      parts.append(.bytes(bytes))
    }
  }

  /// Appends bytes.
  package mutating func append(_ bytes: Span<UInt8>) {
    guard !bytes.isEmpty else { return }
    guard case .bytes(var last)? = parts.last else { return parts.append(.bytes([UInt8](copying: bytes))) }
    // Removed from the array first, so that it grows in place.
    parts[parts.count - 1] = .bytes([])
    last.append(copying: bytes)
    parts[parts.count - 1] = .bytes(last)
  }

  /// Appends a part of a file.
  package mutating func append(_ file: SharedFile, offset: Int, count: Int) {
    if count > 0 { parts.append(.file(file, offset: offset, count: count)) }
  }

  /// Appends a piece.
  package mutating func append(_ part: Part) {
    switch part {
    case .bytes(let bytes): append(bytes)
    case .file(let file, let offset, let count): append(file, offset: offset, count: count)
    }
  }

  /// Appends long work.
  package mutating func append(_ work: LongWork) { rest = .work(work) }

  /// Appends the parts that the long work has produced.
  ///
  /// - Returns: Whether they have been produced.
  package mutating func takeWork() -> Bool {
    guard let made = work?.parts else { return false }
    parts += made
    rest = nil
    return true
  }

  /// Breaks off the reply, because the rest of it cannot be produced.
  package mutating func breakOff(because failure: IOFailure) { rest = .failure(failure) }

  /// The length in bytes.
  package var count: Int { parts.reduce(0) { $0 + $1.count } }

  /// The number of its bytes that are in memory.
  package var bytesInMemory: Int {
    parts.reduce(0) { sum, part in
      if case .bytes(let bytes) = part { sum + bytes.count } else { sum }
    }
  }

  /// Whether it contains a part of a file, which it keeps open.
  package var hasFile: Bool {
    parts.contains { part in
      if case .file = part { true } else { false }
    }
  }

  /// Ends the session once everything is sent.
  package mutating func endSession() { endsSession = true }
}
