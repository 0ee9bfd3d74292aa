// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// One file that is the answer to everything.
struct SingleFile: Sendable {
  /// Where it is.
  let path: String

  /// Opens it once, to see whether it can be.
  func check() throws(SystemError) {
    do {
      _ = try open { (_, _) in }
    } catch {
      throw SystemError(.read(path), error)
    }
  }

  /// What there is now.
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
    // Before it is opened, because whoever writes to a FIFO or drives a device would notice; and after that,
    // because it may be another one by then.
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
