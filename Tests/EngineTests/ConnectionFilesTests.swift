// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Foundation
import Sockets
import SystemPackage
import TestSupport
import Testing

/// The names of the files of connections, and their creation.
struct ConnectionFilesTests {
  private static let noon: Int64 = 1_769_860_800_123_456_789

  @Test func `a name has time, peer and number`() throws {
    let address = try #require(IPAddress("192.0.2.1"))
    #expect(
      ConnectionFiles.name(at: Self.noon, peer: .internet(address, port: 40112), number: 7).description
        == "20260131T120000.123456Z_192.0.2.1_40112_7")
    #expect(
      ConnectionFiles.name(at: Self.noon, peer: .unnamed, number: 8, attempt: 2).description
        == "20260131T120000.123456Z_unix_8_2")
    let machine = Address.vsock(VsockAddress(.host, port: 70_000))
    #expect(
      ConnectionFiles.name(at: Self.noon, peer: machine, number: 9).description
        == "20260131T120000.123456Z_vsock-2_70000_9")
  }

  @Test(arguments: [
    Address.unix(path: "/run/../x\u{1B}[m\n y"), .abstract(name: String(repeating: "ü/", count: 500)),
    .unix(path: String(repeating: "-", count: 5000)),
  ])
  func `a name is safe and short, whatever the peer calls itself`(peer: Address) {
    let name = ConnectionFiles.name(at: Self.noon, peer: peer, number: .max)
    let safe = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-".utf8)
    #expect(safe.isSuperset(of: name.bytes))
    #expect(name.bytes.count < 255 && !name.isHidden)
  }

  @Test(arguments: ["2001:db8::1", "fe80::1%lo", "::ffff:192.0.2.1"])
  func `an IPv6 address has no colons in a name`(text: String) throws {
    let address = try #require(IPAddress(text))
    let name = ConnectionFiles.name(at: 0, peer: .internet(address, port: 1), number: 1).description
    #expect(!name.contains(":") && !name.contains("%") && !name.contains("/"))
  }

  @Test func `nothing that is there is opened, links least of all`() throws {
    let directory = try TemporaryDirectory()
    _ = try directory.write("old", to: "file")
    try FileManager.default.createSymbolicLink(
      atPath: directory.file("link"), withDestinationPath: directory.file("elsewhere"))
    let output = try OutputDirectory(path: directory.path)
    for name in [PathName("file"), PathName("link"), PathName("..")] {
      #expect(throws: Errno.fileExists) { _ = try output.create(name) }
    }
    #expect(try directory.read("file") == Array("old".utf8))
    #expect(!directory.has("elsewhere"))
    _ = try output.create(PathName("new"))
    #expect(directory.has("new"))
  }

  @Test func `a directory that is none is refused at once`() throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write("", to: "file")
    #expect(throws: IOFailure(.openDirectory(file), .notDirectory)) { _ = try OutputDirectory(path: file) }
    let missing = directory.file("missing")
    #expect(throws: IOFailure(.openDirectory(missing), .noSuchFileOrDirectory)) {
      _ = try OutputDirectory(path: missing)
    }
  }
}
