// SPDX-License-Identifier: GPL-3.0-or-later

import Sessions
import SystemPackage
import TestSupport

/// Files in place of a session's standard input and output.
struct StandardFiles {
  private let directory: TemporaryDirectory

  /// Sets the files as the standard streams of an invocation.
  ///
  /// - Parameter input: The bytes of standard input.
  init(for invocation: inout StreamInvocation, input: String = "") throws {
    directory = try TemporaryDirectory()
    let path = try directory.write(input, to: "input")
    invocation.input = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
    invocation.output = try FileDescriptor.open(
      FilePath(directory.file("output")), .writeOnly, options: [.create, .closeOnExec],
      permissions: .ownerReadWrite)
  }

  /// The text that the session has written.
  func written() throws -> String { String(decoding: try directory.read("output"), as: UTF8.self) }
}
