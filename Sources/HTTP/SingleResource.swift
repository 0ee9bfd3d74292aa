// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// One file that is the answer to every request.
struct SingleFile: Sendable {
  /// The path of the file.
  let path: String

  /// Opens the file once, to check that this is possible.
  func check() throws(IOFailure) {
    do {
      _ = try open { (_, _) in }
    } catch {
      throw IOFailure(.read(path), error)
    }
  }

  /// The current representation of the file.
  func representation() throws(HTTPError) -> Representation {
    do {
      return try open { (file, status) throws(Errno) in
        try Representation(file, status: status, type: MediaType.ofFile(named: Array(path.utf8)))
      }
    } catch {
      throw HTTPError(error)
    }
  }

  private func open<Value>(
    _ body: (consuming Descriptor, FileStatus) throws(Errno) -> Value
  ) throws(Errno) -> Value {
    // Before it is opened, because opening a FIFO or a device has effects on its writer or driver; and afterwards,
    // because it may have been replaced in between.
    try Self.check(try FileStatus(ofPath: path))
    let file = try Descriptor.opened(path)
    let status = try FileStatus(of: file.number)
    try Self.check(status)
    return try body(file, status)
  }

  private static func check(_ status: FileStatus) throws(Errno) {
    switch status.kind {
    case .regular: return
    case .directory: throw .isDirectory
    case .link, .other: throw .invalidArgument
    }
  }
}

/// The content of a file that the kernel generates when it is read, as beneath `/proc` and `/sys`: its length is not
/// known beforehand.
enum MadeUpFile {
  /// The maximum length of a file without blocks that is not trusted, in bytes; sysfs reports the size of a page for
  /// most files.
  private static let largestClaim = 64 << 10
  /// The maximum number of bytes to read.
  private static let most = 16 << 20
  private static let step = 64 << 10

  /// Reads the whole of a file whose status gives another length than its real one.
  ///
  /// - Returns: The content; `nil` if the length is right, or is trusted because the file is large or occupies blocks
  ///   on a device.
  /// - Throws: The error of the read, and `EFBIG` for a file that is too large for memory.
  static func content(of file: FileDescriptor, _ status: FileStatus) throws(Errno) -> [UInt8]? {
    guard !status.hasBlocks, status.size <= largestClaim else { return nil }
    var content: [UInt8] = []
    var scratch = [UInt8](repeating: 0, count: step)
    while true {
      var buffer = scratch.mutableSpan
      switch try Transfer.read(from: file, at: content.count, into: &buffer) {
      case .moved(let count): content += scratch.prefix(count)
      case .endOfStream: return content.count == status.size ? nil : content
      case .wouldBlock: throw .resourceTemporarilyUnavailable
      }
      guard content.count <= most else { throw .fileTooLarge }
    }
  }
}
