// SPDX-License-Identifier: GPL-3.0-or-later

import Services
import Sockets
import SystemPackage

/// Something that can be sent to a client, whole or in parts: a file, or bytes in memory.
struct Representation: Sendable {
  /// Where the bytes are.
  private enum Source {
    case bytes([UInt8])
    case file(SharedFile)
  }

  private let source: Source
  /// The length in bytes.
  let count: Int
  /// What it is, as `Content-Type` says it.
  let type: String
  /// What tells it from other states of itself.
  let tag: HTTPEntityTag
  /// When it was last changed, in seconds since 1970; `nil` if nobody knows.
  let modified: Int?

  /// An open regular file.
  ///
  /// - Throws: What reading says of a file that has to be read to learn its length.
  init(_ file: consuming Descriptor, status: FileStatus, type: String) throws(Errno) {
    self.type = type
    if let content = try MadeUpFile.content(of: file.number, status) {
      source = .bytes(content)
      count = content.count
      tag = HTTPEntityTag(content)
      modified = nil
    } else {
      source = .file(SharedFile(file))
      count = status.size
      tag = HTTPEntityTag(status)
      // Never later than the answer, whatever the clock of the one who wrote the file said.
      modified = min(Int(status.modified / 1_000_000_000), HTTPDate.now)
    }
  }

  /// Bytes in memory.
  init(_ bytes: [UInt8], type: String) {
    source = .bytes(bytes)
    count = bytes.count
    self.type = type
    tag = HTTPEntityTag(bytes)
    modified = nil
  }

  /// A part of it, for a reply.
  func part(_ range: Range<Int>) -> Response.Part {
    switch source {
    case .bytes(let bytes): .bytes(Array(bytes[range]))
    case .file(let file): .file(file, offset: range.lowerBound, count: range.count)
    }
  }
}
