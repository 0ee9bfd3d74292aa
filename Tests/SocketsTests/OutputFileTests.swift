// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage
import TestSupport
import Testing

struct OutputFileTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func write(_ text: String, to path: String, _ existing: OutputFile.Existing) throws {
    let bytes = Array(text.utf8)
    let file = try OutputFile(path, existing: existing)
    try file.write(bytes.span)
    try file.close()
  }

  @Test(arguments: [OutputFile.Existing.refused, .continued, .replaced])
  func `a file that is not there is made`(existing: OutputFile.Existing) throws {
    try OutputFile.check(directory.file("new"), existing: existing)
    #expect(!directory.has("new"))
    try write("new", to: directory.file("new"), existing)
    #expect(try directory.read("new") == Array("new".utf8))
  }

  @Test(arguments: [(OutputFile.Existing.continued, "old new"), (.replaced, "new")])
  func `a file that is there is continued or replaced`(existing: OutputFile.Existing, content: String) throws
  {
    let path = try directory.write("old ", to: "file")
    try OutputFile.check(path, existing: existing)
    #expect(try directory.read("file") == Array("old ".utf8))
    try write("new", to: path, existing)
    #expect(try directory.read("file") == Array(content.utf8))
  }

  @Test func `a file that is there is refused, also where a link leads to it`() throws {
    let path = try directory.write("old", to: "file")
    let error = IOFailure(.createFile(path), .fileExists)
    #expect(throws: error) { try OutputFile.check(path, existing: .refused) }
    #expect(throws: error) { try OutputFile(path, existing: .refused) }
    #expect(try directory.read("file") == Array("old".utf8))
  }

  @Test func `a directory that is not there is noticed before`() throws {
    let path = directory.file("no/file")
    #expect(throws: IOFailure(.createFile(path), .noSuchFileOrDirectory)) {
      try OutputFile.check(path, existing: .replaced)
    }
  }

  @Test func `two that are the same file do not overwrite each other`() throws {
    let (one, two) = ([UInt8]("one".utf8), [UInt8]("two".utf8))
    let first = try OutputFile(directory.file("file"), existing: .replaced)
    let second = try OutputFile(directory.file("file"), existing: .replaced)
    try first.write(one.span)
    try second.write(two.span)
    #expect(try directory.read("file") == Array("onetwo".utf8))
  }

  @Test func `a device that takes nothing says so`() throws {
    let byte: [UInt8] = [1]
    let file = try OutputFile("/dev/full", existing: .refused)
    #expect(throws: IOFailure(.write("/dev/full"), .noSpace)) { try file.write(byte.span) }
    try file.close()
    #expect(throws: IOFailure(.write("/dev/full"), .badFileDescriptor)) { try file.write(byte.span) }
  }
}
