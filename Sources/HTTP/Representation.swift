// SPDX-License-Identifier: GPL-3.0-or-later

import Services
import Sockets
import SystemPackage

/// A representation that can be sent to a client, whole or in ranges: a file, or bytes in memory.
struct Representation: Sendable {
  /// The source of the bytes.
  private enum Source {
    case bytes([UInt8])
    case file(SharedFile)
  }

  private let source: Source
  /// The length in bytes.
  let count: Int
  /// The value of `Content-Type`.
  let type: String
  /// How it is compressed; `nil` if it is not.
  let coding: ContentCoding?
  /// Whether another representation is sent to clients that accept other codings.
  let isNegotiated: Bool
  /// The tag of its current state.
  let tag: HTTPEntityTag
  /// When it was last modified, in seconds since 1970; `nil` if unknown.
  let modified: Int?

  /// Creates the representation of an open regular file.
  ///
  /// - Throws: The error of the read if the file has to be read to determine its length.
  init(
    _ file: consuming Descriptor, status: FileStatus, type: String, coding: ContentCoding? = nil,
    isNegotiated: Bool = false
  ) throws(Errno) {
    self.type = type
    self.coding = coding
    self.isNegotiated = isNegotiated
    if let content = try MadeUpFile.content(of: file.number, status) {
      source = .bytes(content)
      count = content.count
      tag = HTTPEntityTag(content)
      modified = nil
    } else {
      source = .file(SharedFile(file))
      count = status.size
      tag = HTTPEntityTag(status)
      // Never later than the answer, even if the clock of another machine set the time.
      modified = min(Int(status.modified / 1_000_000_000), HTTPDate.now)
    }
  }

  /// Creates the representation of bytes in memory.
  init(_ bytes: [UInt8], type: String) {
    source = .bytes(bytes)
    count = bytes.count
    self.type = type
    coding = nil
    isNegotiated = false
    tag = HTTPEntityTag(bytes)
    modified = nil
  }

  /// A range of it, for a reply.
  func part(_ range: Range<Int>) -> Response.Part {
    switch source {
    case .bytes(let bytes): .bytes(Array(bytes[range]))
    case .file(let file): .file(file, offset: range.lowerBound, count: range.count)
    }
  }
}
