// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import HTTP
import Services
import SocketTestSupport
import Sockets
import SystemPackage
import TestSupport
import Testing

/// Directories as tar archives.
@Suite(.timeLimit(.minutes(1)))
struct HTTPArchiveTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    for name in ["root", "root/sub", "root/.git"] {
      try FileManager.default.createDirectory(
        atPath: directory.file(name), withIntermediateDirectories: false)
    }
    for (name, text) in [
      "root/sub/a": "content of a", "root/.hidden": "secret", "root/.git/b": "secret", "c": "secret",
    ] {
      _ = try directory.write(text, to: name)
    }
    for (name, target) in ["in": "sub/a", "out": "../c", "hidden": ".hidden"] {
      try FileManager.default.createSymbolicLink(
        atPath: directory.file("root/\(name)"), withDestinationPath: target)
    }
    unsafe #expect(mkfifo(directory.file("root/fifo"), 0o600) == 0)
  }

  private func content(isArchived: Bool = true) throws -> HTTPContent {
    var rules = HTTPDirectoryRules(isListed: true)
    rules.isArchived = isArchived
    return .directory(try RootDirectory(path: directory.file("root")), rules)
  }

  /// A text field of a header.
  private static func text(_ header: [UInt8], _ range: Range<Int>) -> String {
    String(decoding: header[range].prefix { $0 != 0 }, as: UTF8.self)
  }

  @Test func `a header has the fields of ustar`() {
    let header = TarEntry(
      path: Array("dir/file".utf8), kind: .file(count: 1234), permissions: 0o640, modified: 784_111_777
    ).header
    #expect(header.count == 512)
    let fields: [(Range<Int>, String)] = [
      (0..<100, "dir/file"), (100..<108, "0000640"), (108..<116, "0000000"), (116..<124, "0000000"),
      (124..<136, "00000002322"), (136..<148, "05657114241"), (156..<157, "0"), (157..<257, ""),
      (257..<263, "ustar"), (263..<265, "00"), (265..<297, ""), (345..<500, ""),
    ]
    for (range, text) in fields { #expect(Self.text(header, range) == text, "\(range)") }
    let blank = header.indices.reduce(0) { $0 + ((148..<156).contains($1) ? 32 : Int(header[$1])) }
    #expect(Int(Self.text(header, 148..<154), radix: 8) == blank)
    let link = TarEntry(path: [97], kind: .link(target: Array("b/c".utf8)), permissions: 0o777, modified: 0)
      .header
    #expect(Self.text(link, 156..<157) == "2" && Self.text(link, 157..<257) == "b/c")
    let folder = TarEntry(path: Array("a/".utf8), kind: .directory, permissions: 0o755, modified: 0).header
    #expect(Self.text(folder, 0..<100) == "a/" && Self.text(folder, 156..<157) == "5")
  }

  @Test(arguments: [
    (100, 0, false), (101, 50, false), (200, 100, false), (256, 155, false), (256, 120, true),
    (257, 156, true),
    (101, 0, true), (300, 150, true),
  ])
  func `a long path is divided at a slash, or has a record of its own`(
    count: Int, slash: Int, isExtended: Bool
  ) {
    var path = [UInt8](repeating: 97, count: count)
    if slash > 0 { path[slash] = UInt8(ascii: "/") }
    let header = TarEntry(path: path, kind: .file(count: 0), permissions: 0, modified: 0).header
    #expect((Self.text(header, 156..<157) == "x") == isExtended)
    if isExtended {
      #expect(header.count == 3 * 512)
      let length = count + " path=\n".utf8.count + 3
      let record = "\(length) path=\(String(decoding: path, as: UTF8.self))\n"
      #expect(
        Self.text(header, 512..<1024) == record && Int(Self.text(header, 124..<136), radix: 8) == length)
    } else {
      let prefix = Self.text(header, 345..<500)
      let whole = prefix.isEmpty ? Self.text(header, 0..<100) : "\(prefix)/\(Self.text(header, 0..<100))"
      #expect(whole.utf8.elementsEqual(path))
    }
  }

  @Test func `numbers that do not fit have records`() {
    let large = TarEntry(path: [97], kind: .file(count: 1 << 33), permissions: 0, modified: -5).header
    #expect(Self.text(large, 512..<1024) == "19 size=8589934592\n12 mtime=-5\n")
    let fitting = TarEntry(path: [97], kind: .file(count: 1 << 33 - 1), permissions: 0, modified: 1 << 33 - 1)
      .header
    #expect(fitting.count == 512 && Self.text(fitting, 124..<136) == "77777777777")
    let target = [UInt8](repeating: 98, count: 101)
    let link = TarEntry(path: [97], kind: .link(target: target), permissions: 0, modified: 0).header
    #expect(Self.text(link, 512..<1024) == "115 linkpath=\(String(decoding: target, as: UTF8.self))\n")
  }

  @Test(arguments: ["/?archive=tar", "/sub/?archive=tar&sort=size"])
  func `an archive is sent in chunks, and the connection is kept`(target: String) throws {
    var exchange = HTTPExchange(content: try content())
    exchange.send(request(target) + request("/sub/a"))
    let outcome = exchange.takeOutcome()
    #expect(outcome.statuses == [200, 200] && !outcome.isOver, "\(outcome.text)")
    #expect(outcome.field("Transfer-Encoding") == "chunked" && outcome.field("Content-Length") == nil)
    #expect(outcome.field("Content-Type") == "application/x-tar")
    let name = target.hasPrefix("/sub") ? "sub" : "files"
    #expect(outcome.field("Content-Disposition") == "attachment; filename=\"\(name).tar\"")
    #expect(outcome.text.contains("content of a") && outcome.text.contains("\r\n0\r\n\r\nHTTP/1.1 200"))
    #expect(
      !outcome.text.contains("secret") && !outcome.text.contains("hidden") && !outcome.text.contains("fifo"))
    #expect(!outcome.text.contains("out\u{0}"))
    #expect(outcome.text.contains("files/in\u{0}") == (name == "files"))
    let blocks = name == "sub" ? 5 : 7
    #expect(exchange.records.map(\.bytes) == [blocks * 512, 12], "\(exchange.records)")
  }

  @Test func `an old client gets it up to the end of the connection, and HEAD the header only`() throws {
    let old = HTTPExchange.outcome(of: request("/sub/?archive=tar", version: "1.0"), from: try content())
    #expect(old.isOver && old.field("Connection") == "close" && old.field("Transfer-Encoding") == nil)
    #expect(old.body.utf8.count == 5 * 512 && old.body.hasPrefix("sub/\u{0}"))
    let head = HTTPExchange.outcome(of: request("/sub/?archive=tar", method: "HEAD"), from: try content())
    #expect(
      head.status == 200 && head.body.isEmpty && !head.isOver && head.field("Transfer-Encoding") == "chunked")
  }

  @Test func `an archive is sent where it is offered`() throws {
    let page = HTTPExchange.outcome(of: request("/"), from: try content())
    #expect(page.body.contains("href=\"?archive=tar\""))
    let plain = HTTPExchange.outcome(of: request("/?archive=tar"), from: try content(isArchived: false))
    #expect(plain.field("Content-Type") == "text/html; charset=utf-8" && !plain.body.contains("archive"))
    #expect(HTTPExchange.outcome(of: request("/none/?archive=tar"), from: try content()).status == 404)
    #expect(HTTPExchange.outcome(of: request("/sub/a/?archive=tar"), from: try content()).status == 404)
    let location = HTTPExchange.outcome(of: request("/sub?archive=tar"), from: try content()).field(
      "Location")
    #expect(location == "/sub/?archive=tar")
  }

  @Test func `a reply has one file at most, and an archive that cannot go on is broken off`() throws {
    let session = HTTPService(try content()).makeSession(for: .unnamed)
    var reply = Response()
    session.receive(Array(request("/sub/?archive=tar").utf8).span, reply: &reply)
    #expect(!reply.hasFile && session.hasBacklog && !session.isBetweenRequests && session.deadline == .never)
    session.replySent()
    reply = Response()
    try FailingCalls("openat2(", .tooManyOpenFiles, times: 9).during {
      session.receive([UInt8]().span, reply: &reply)
    }
    #expect(reply.failure != nil && !reply.endsSession)
  }

  @Test(arguments: [127, 128])
  func `an archive of more than 128 nested directories is broken off`(depth: Int) throws {
    let path = directory.file("root/" + String(repeating: "d/", count: depth))
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let session = HTTPService(try content()).makeSession(for: .unnamed)
    var reply = Response()
    session.receive(Array(request("/?archive=tar").utf8).span, reply: &reply)
    while session.hasBacklog, reply.failure == nil {
      session.replySent()
      reply = Response()
      session.receive([UInt8]().span, reply: &reply)
    }
    #expect((reply.failure == nil) == (depth < 128), "\(String(describing: reply.failure))")
  }
}
