// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Glibc
import HTTP
import Services
import SocketTestSupport
import Sockets
import SystemPackage
import TestSupport
import Testing

/// The files of a directory, as a client sees them.
@Suite(.timeLimit(.minutes(1)))
struct HTTPFileTests {
  /// A directory that contains the root, and a secret outside it.
  private static func tree() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    for name in [
      "root", "root/sub", "root/sub/page", "root/.git", "root/a b", "root/page", "root/fake", "root/site",
    ] {
      try FileManager.default.createDirectory(
        atPath: directory.file(name), withIntermediateDirectories: false)
    }
    try FileManager.default.createDirectory(
      atPath: directory.file("root/fake/index.html"), withIntermediateDirectories: false)
    let files = [
      "secret": "secret", "root/top.txt": "top", "root/.hidden": "secret", "root/.git/config": "secret",
      "root/a b/ü&<.HTML": "odd", "root/page/index.html": "index", "root/sub/file": "sub", "root/empty": "",
      "root/sub/page/index.html": "second",
    ]
    for (name, text) in files { _ = try directory.write(text, to: name) }
    let links = [
      "out": "../secret", "absolute": "/etc/passwd", "inside": "sub/file", "sub/up": "../top.txt",
      "sub/out": "../../secret", "public": ".hidden",
      "chain": "sub/hidden", "sub/hidden": "../public", "config": ".git/config", "git": ".git",
      "there-and-back": ".git/../top.txt", "site/index.html": "../.hidden", "down": "sub", "above": "..",
      "loop": "loop", "proc": "/proc/self/root",
    ]
    for (name, target) in links {
      try FileManager.default.createSymbolicLink(
        atPath: directory.file("root/\(name)"), withDestinationPath: target)
    }
    unsafe #expect(mkfifo(directory.file("root/fifo"), 0o600) == 0)
    return directory
  }

  private static func content(
    _ directory: TemporaryDirectory, isListed: Bool = false, _ resolution: RootDirectory.Resolution? = nil
  ) throws -> HTTPContent {
    let root = try RootDirectory(path: directory.file("root"), resolution: resolution)
    return .directory(root, HTTPDirectoryRules(isListed: isListed))
  }

  @Test(arguments: [
    ("/top.txt", 200, "top"), ("/top%2etxt", 200, "top"), ("/%74op.txt?x=../..", 200, "top"),
    ("/a%20b/%c3%BC&%3C.HTML", 200, "odd"), ("/page/", 200, "index"), ("/page/index.html", 200, "index"),
    ("/sub/page/", 200, "second"), ("/empty", 200, ""), ("/inside", 200, "sub"), ("/sub/up", 200, "top"),
    ("/down/file", 200, "sub"), ("http://other/top.txt", 200, "top"),
    ("/page", 301, ""), ("/sub", 301, ""), ("/down", 301, ""), ("/a%20b?q=1", 301, ""),
    ("/", 404, ""), ("/sub/", 404, ""), ("/nothing", 404, ""), ("/nothing/", 404, ""), ("/top.txt/", 404, ""),
    ("/top.txt/x", 404, ""), ("/fifo", 404, ""), ("/fifo/", 404, ""), ("/fake/", 404, ""),
    ("/.hidden", 404, ""), ("/.git/config", 404, ""), ("/%2egit/config", 404, ""), ("/.git/", 404, ""),
    ("/../secret", 404, ""), ("/%2e%2e/secret", 404, ""), ("/sub/../top.txt", 404, ""),
    ("/./top.txt", 200, "top"),
    ("/..", 404, ""), ("/sub/../../secret", 404, ""), ("/..%2fsecret", 404, ""), ("/sub%2ffile", 404, ""),
    ("/..%5csecret", 404, ""), ("//top.txt", 200, "top"), ("//", 404, ""), ("/sub//file", 200, "sub"),
    ("/sub/././/%2e/file", 200, "sub"), ("///", 404, ""), ("/page/.", 200, "index"),
    ("/page//", 200, "index"),
    ("/./page/./", 200, "index"), ("/top.txt/.", 404, ""), ("/top.txt//", 404, ""), ("//.hidden", 404, ""),
    ("/.//.git/config", 404, ""), ("//../secret", 404, ""), ("/./..", 404, ""), ("/.%2f../secret", 404, ""),
    ("//etc/passwd", 404, ""), ("/%2fetc%2fpasswd", 404, ""),
    ("/public", 404, ""), ("/chain", 404, ""), ("/config", 404, ""), ("/git/config", 404, ""),
    ("/git", 404, ""),
    ("/git/", 404, ""), ("/there-and-back", 404, ""), ("/site/", 404, ""), ("/sub/hidden", 404, ""),
    ("/%252e%252e/secret", 404, ""), ("/%c0%ae%c0%ae/secret", 404, ""),
    ("/out", 404, ""), ("/sub/out", 404, ""), ("/absolute", 404, ""), ("/above/secret", 404, ""),
    ("/above/", 404, ""), ("/loop", 404, ""), ("/proc/etc/passwd", 404, ""),
    ("/\(String(repeating: "n", count: 300))", 404, ""),
    ("/\(String(repeating: "n/", count: 3000))", 404, ""),
  ])
  func `only what is beneath the root is sent`(_ target: String, _ status: Int, _ body: String) throws {
    let directory = try Self.tree()
    defer { withExtendedLifetime(directory) {} }
    for resolution in [RootDirectory.Resolution.kernel, .stepwise] {
      let content = try Self.content(directory, resolution)
      let outcome = HTTPExchange.outcome(of: request(target), from: content)
      #expect(outcome.statuses == [status], "\(outcome.text)")
      if status == 200 { #expect(outcome.body == body) }
      #expect(!outcome.text.contains("secret"))
      let head = HTTPExchange.outcome(of: request(target, method: "HEAD"), from: content)
      #expect(head.text + outcome.body == outcome.text)
    }
  }

  @Test(arguments: [
    ("/page", "/page/"), ("/a%20b?q=1", "/a%20b/?q=1"), ("http://evil/sub", "/sub/"),
    ("//sub", "/sub/"), ("http://h//sub", "/sub/"), ("/.//sub?q", "/sub/?q"), ("/sub/.//page", "/sub/page/"),
  ])
  func `a directory is found again with a slash`(_ target: String, _ location: String) throws {
    let directory = try Self.tree()
    defer { withExtendedLifetime(directory) {} }
    let outcome = HTTPExchange.outcome(of: request(target), from: try Self.content(directory))
    #expect(outcome.status == 301 && outcome.field("Location") == location)
  }

  @Test func `a list has no links that lead to what is hidden`() throws {
    let directory = try Self.tree()
    defer { withExtendedLifetime(directory) {} }
    for resolution in [RootDirectory.Resolution.kernel, .stepwise] {
      let content = try Self.content(directory, isListed: true, resolution)
      let page = HTTPExchange.outcome(of: request("/"), from: content).body
      #expect(page.contains("href=\"inside\"") && page.contains("href=\"down/\""), "\(page)")
      for name in ["public", "chain", "config", "git", "git/", "there-and-back", ".hidden"] {
        #expect(!page.contains("href=\"\(name)\""), "\(name)")
      }
      #expect(
        !HTTPExchange.outcome(of: request("/site/"), from: content).body.contains("href=\"index.html\""))
    }
  }

  @Test func `a client holds one file open, however many requests it sends`() throws {
    let directory = try Self.tree()
    defer { withExtendedLifetime(directory) {} }
    let session = HTTPService(try Self.content(directory)).makeSession(for: .unnamed)
    let requests = Array(String(repeating: request("/top.txt"), count: 5).utf8)
    for answered in 1...5 {
      var reply = Response()
      let piece = answered == 1 ? requests : []
      session.receive(piece.span, reply: &reply)
      let files = reply.parts.count { part in
        if case .file = part { true } else { false }
      }
      #expect(files == 1)
      #expect(session.hasBacklog == (answered < 5))
    }
  }

  @Test func `what must not be read is forbidden`() throws {
    // A file that no user may read, not even root.
    let root = try RootDirectory(path: "/proc/sys/net/ipv4/route")
    let outcome = HTTPExchange.outcome(
      of: request("/flush"), from: .directory(root, HTTPDirectoryRules()))
    #expect(outcome.status == 403)
  }

  @Test(arguments: [
    ("a.html", "text/html; charset=utf-8"), ("a.TXT", "text/plain; charset=utf-8"), ("a.png", "image/png"),
    ("a.tar.gz", "application/gzip"), ("a.svg", "image/svg+xml"), ("a.json", "application/json"),
    ("a.js", "text/javascript; charset=utf-8"), ("a", "application/octet-stream"),
    ("a.", "application/octet-stream"), ("html", "application/octet-stream"),
    ("a.nosuch", "application/octet-stream"),
  ])
  func `the type of a file follows from its name`(_ name: String, _ type: String) throws {
    let directory = try TemporaryDirectory()
    defer { withExtendedLifetime(directory) {} }
    _ = try directory.write("x", to: name)
    let root = try RootDirectory(path: directory.path)
    let outcome = HTTPExchange.outcome(
      of: request("/\(name)"), from: .directory(root, HTTPDirectoryRules()))
    #expect(outcome.field("Content-Type") == type && outcome.field("X-Content-Type-Options") == "nosniff")
    #expect(outcome.field("Accept-Ranges") == "bytes" && outcome.field("Content-Length") == "1")
  }

  @Test(arguments: [
    (0.0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
    (951_825_600, "Tue, 29 Feb 2000 12:00:00 GMT"), (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
    (-1, "Wed, 31 Dec 1969 23:59:59 GMT"), (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"),
  ])
  func `the time of a file is told as it is`(_ seconds: Double, _ text: String) throws {
    let directory = try TemporaryDirectory()
    defer { withExtendedLifetime(directory) {} }
    let path = try directory.write("x", to: "file")
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: seconds)], ofItemAtPath: path)
    let content = HTTPContent.directory(
      try RootDirectory(path: directory.path), HTTPDirectoryRules())
    #expect(HTTPExchange.outcome(of: request("/file"), from: content).field("Last-Modified") == text)
  }

  @Test func `a file from the future is as old as the answer`() throws {
    let directory = try TemporaryDirectory()
    defer { withExtendedLifetime(directory) {} }
    let path = try directory.write("x", to: "file")
    try FileManager.default.setAttributes([.modificationDate: Date.now + 86_400], ofItemAtPath: path)
    let service = HTTPService(
      .directory(try RootDirectory(path: directory.path), HTTPDirectoryRules()))
    let session = service.makeSession(for: .unnamed)
    var reply = Response()
    session.receive(Array(request("/file").utf8).span, reply: &reply)
    let text = String(decoding: HTTPExchange.bytes(of: reply), as: UTF8.self)
    let outcome = HTTPExchange.Outcome(text: text)
    let (date, modified) = (try #require(outcome.field("Date")), try #require(outcome.field("Last-Modified")))
    // The second may have changed in between.
    #expect(date == modified || date.dropLast(6) == modified.dropLast(6))
    #expect(date.utf8.count == 29)
  }

  @Test func `a single file is the answer to everything, and opened anew each time`() throws {
    let directory = try TemporaryDirectory()
    defer { withExtendedLifetime(directory) {} }
    let path = try directory.write("one", to: "page.html")
    let content = try HTTPContent.file(path)
    let first = HTTPExchange.outcome(of: request("/.anything"), from: content)
    #expect(first.body == "one" && first.field("Content-Type") == "text/html; charset=utf-8")
    _ = try directory.write("two!", to: "page.html")
    let second = HTTPExchange.outcome(of: request("/"), from: content)
    #expect(second.body == "two!" && second.field("ETag") != first.field("ETag"))
    try FileManager.default.removeItem(atPath: path)
    #expect(HTTPExchange.outcome(of: request("/"), from: content).status == 404)
  }

  @Test func `a file that is none is refused from the start`() throws {
    let directory = try TemporaryDirectory()
    defer { withExtendedLifetime(directory) {} }
    #expect(throws: IOFailure(.read(directory.path), .isDirectory)) {
      _ = try HTTPContent.file(directory.path)
    }
    #expect(throws: IOFailure(.read(directory.file("x")), .noSuchFileOrDirectory)) {
      _ = try HTTPContent.file(directory.file("x"))
    }
    #expect(throws: IOFailure(.read("/dev/null"), .invalidArgument)) {
      _ = try HTTPContent.file("/dev/null")
    }
  }

  @Test(arguments: [
    (Address.internet(.ipv4([127, 0, 0, 1]), port: 8080), ["http://127.0.0.1:8080/"]),
    (.internet(.ipv4([192, 0, 2, 1]), port: 80), ["http://192.0.2.1/"]),
    (.internet(.anyIPv4, port: 8080), ["http://localhost:8080/", "http://192.0.2.1:8080/"]),
    (.internet(.anyIPv6, port: 80), ["http://localhost/", "http://192.0.2.1/", "http://[2001:db8::1]/"]),
    (.unix(path: "/run/web"), []),
  ])
  func `a server has URLs for browsers, on every interface one for each address`(
    address: Address, urls: [String]
  )
    throws
  {
    let own =
      try ["127.0.0.1", "192.0.2.1", "::1", "2001:db8::1"].map { try #require(IPAddress($0)) }
      + [.ipv6([0xFE, 0x80] + [UInt8](repeating: 0, count: 13) + [1], zone: 1)]
    #expect(HTTPService.urls(at: address, own: own) == urls)
    let secure = HTTPService.urls(at: .internet(.ipv4([192, 0, 2, 1]), port: 443), isSecure: true)
    #expect(secure == ["https://192.0.2.1/"])
  }

  @Test func `a text is plain, or a page if it looks like one`() {
    #expect(HTTPExchange.outcome(of: request("/")).field("Content-Type") == "text/plain; charset=utf-8")
    let page = HTTPExchange.outcome(of: request("/"), from: .text(Array("<p>Hello".utf8)))
    #expect(page.field("Content-Type") == "text/html; charset=utf-8" && page.body.contains("Hello"))
  }

  @Test func `no descriptor outlives its reply`() throws {
    let directory = try Self.tree()
    defer { withExtendedLifetime(directory) {} }
    let content = try Self.content(directory, isListed: true)
    let session = HTTPService(content).makeSession(for: .unnamed)
    var reply = Response()
    session.receive(Array(request("/top.txt").utf8).span, reply: &reply)
    guard case .file(let file, 0, 3)? = reply.parts.last else {
      Issue.record("the reply has no file: \(reply.parts)")
      return
    }
    #expect(try FileStatus(of: file.descriptor).kind == .regular)
    weak let watched = file
    reply = Response()
    _ = consume file
    #expect(watched == nil)
  }

  @Test func `a FIFO is not opened, neither by its name nor for a list nor as the one file`() throws {
    let directory = try Self.tree()
    defer { withExtendedLifetime(directory) {} }
    let fifo = directory.file("root/fifo")
    try FileManager.default.createSymbolicLink(
      atPath: directory.file("root/link"), withDestinationPath: "fifo")
    let watch = try OpenWatch(of: fifo)
    for resolution in [RootDirectory.Resolution.kernel, .stepwise] {
      let content = try Self.content(directory, isListed: true, resolution)
      #expect(HTTPExchange.outcome(of: request("/fifo"), from: content).status == 404)
      #expect(HTTPExchange.outcome(of: request("/link"), from: content).status == 404)
      #expect(HTTPExchange.outcome(of: request("/"), from: content).status == 200)
    }
    #expect(throws: IOFailure(.read(fifo), .invalidArgument)) { _ = try HTTPContent.file(fifo) }
    #expect(!(try watch.sawOpen))
  }
}
