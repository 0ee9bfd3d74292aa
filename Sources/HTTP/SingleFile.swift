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
