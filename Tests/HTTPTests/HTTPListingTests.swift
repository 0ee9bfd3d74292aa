// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Glibc
import HTTP
import Sockets
import TestSupport
import Testing

/// The page with the contents of a directory.
@Suite(.timeLimit(.minutes(1)))
struct HTTPListingTests {
  private static func page(
    _ directory: TemporaryDirectory, _ target: String = "/", limits: HTTPLimits = HTTPLimits()
  ) throws -> HTTPExchange.Outcome {
    let root = try RootDirectory(path: directory.path)
    let outcome = HTTPExchange.outcome(
      of: request(target), from: .directory(root, isListed: true, limits: limits))
    #expect(outcome.status == 200 && outcome.field("Content-Type") == "text/html; charset=utf-8")
    return outcome
  }

  /// The links of a page, in order.
  private static func links(_ page: HTTPExchange.Outcome) -> [String] {
    page.body.split(separator: "href=\"").dropFirst().map { String($0.prefix { $0 != "\"" }) }
  }

  @Test func `directories come first, then files, each by name, with sizes and times`() throws {
    let directory = try TemporaryDirectory()
    defer { withExtendedLifetime(directory) {} }
    for name in ["b-dir", "a-dir"] {
      try FileManager.default.createDirectory(
        atPath: directory.file(name), withIntermediateDirectories: false)
    }
    _ = try directory.write([UInt8](repeating: 0, count: 1536), to: "b.bin")
    let path = try directory.write("x", to: "a.txt")
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 784_111_777)], ofItemAtPath: path)
    let page = try Self.page(directory)
    #expect(Self.links(page) == ["a-dir/", "b-dir/", "a.txt", "b.bin"])
    #expect(page.body.contains(">a-dir/</a><td><td>"))
    #expect(page.body.contains(">a.txt</a><td>1 B<td>1994-11-06 08:49\n"))
    #expect(page.body.contains(">b.bin</a><td>1.5 KiB<td>"))
    #expect(page.body.contains("<meta name=\"viewport\" content=\"width=device-width"))
    let below = try Self.page(directory, "/a-dir/")
    #expect(Self.links(below) == ["../"] && below.body.contains("<title>/a-dir/</title>"))
  }

  @Test func `a name is text in the page and percent-encoded in a link`() throws {
    let directory = try TemporaryDirectory()
    defer { withExtendedLifetime(directory) {} }
    let names = [
      "<script>alert(1)<_script>", "a&b \"c\" 'd'", "javascript:x",
      "ünïcode", "per%20cent", "question?#", "line\nbreak", "\u{202E}txt.exe", "-._~",
    ]
    for name in names { _ = try directory.write(name, to: name) }
    let page = try Self.page(directory)
    for link in Self.links(page) {
      #expect(
        link.utf8.allSatisfy {
          "%-._~".utf8.contains($0) || Character(UnicodeScalar($0)).isLetter
            || Character(UnicodeScalar($0)).isNumber
        }, "\(link)")
      let root = try RootDirectory(path: directory.path)
      let file = HTTPExchange.outcome(of: request("/\(link)"), from: .directory(root, isListed: true))
      #expect(file.status == 200)
    }
    #expect(Self.links(page).count == names.count)
    #expect(page.body.contains("&lt;script&gt;alert(1)&lt;_script&gt;"))
    #expect(page.body.contains("a&amp;b &quot;c&quot; &#39;d&#39;"))
    #expect(page.body.contains("line\\x0abreak") && page.body.contains("\\u{202e}txt.exe"))
    #expect(!page.body.contains("<script>") && !page.body.contains("\u{202E}"))
  }

  @Test func `a name that is not UTF-8 can be followed too`() throws {
    let directory = try TemporaryDirectory()
    defer { withExtendedLifetime(directory) {} }
    var path = Array((directory.path + "/bad-").utf8CString.dropLast())
    path += [CChar(bitPattern: 0xFF), 0]
    let file = unsafe creat(path, 0o600)
    #expect(file >= 0)
    close(file)
    let page = try Self.page(directory)
    #expect(Self.links(page) == ["bad-%FF"] && page.body.contains(">bad-\\xff</a>"))
    let root = try RootDirectory(path: directory.path)
    #expect(
      HTTPExchange.outcome(of: request("/bad-%FF"), from: .directory(root, isListed: true)).status == 200)
    unsafe unlink(path)
  }

  @Test func `only what would be sent is listed`() throws {
    let directory = try TemporaryDirectory()
    defer { withExtendedLifetime(directory) {} }
    try FileManager.default.createDirectory(
      atPath: directory.file("sub"), withIntermediateDirectories: false)
    _ = try directory.write("x", to: "file")
    _ = try directory.write("x", to: ".hidden")
    unsafe #expect(mkfifo(directory.file("fifo"), 0o600) == 0)
    let targets = ["inside": "file", "dir": "sub", "out": "/etc/passwd", "up": "..", "gone": "nothing"]
    for (name, target) in targets {
      try FileManager.default.createSymbolicLink(
        atPath: directory.file(name), withDestinationPath: target)
    }
    let page = try Self.page(directory)
    #expect(Self.links(page) == ["dir/", "sub/", "file", "inside"])
    #expect(!page.body.contains("hidden"))
  }

  @Test func `a list that is cut says so`() throws {
    let directory = try TemporaryDirectory()
    defer { withExtendedLifetime(directory) {} }
    for name in ["a", "b", "c"] { _ = try directory.write("x", to: name) }
    var limits = HTTPLimits()
    limits.listedEntries = 2
    let page = try Self.page(directory, limits: limits)
    #expect(Self.links(page).count == 2 && page.body.contains("only these 2 are listed"))
    #expect(try !Self.page(directory).body.contains("only these"))
  }

  @Test func `a list that the client has is not sent again`() throws {
    let directory = try TemporaryDirectory()
    defer { withExtendedLifetime(directory) {} }
    _ = try directory.write("x", to: "a")
    let tag = try #require(try Self.page(directory).field("ETag"))
    let root = try RootDirectory(path: directory.path)
    let content = HTTPContent.directory(root, isListed: true)
    #expect(HTTPExchange.outcome(of: request("/", "If-None-Match: \(tag)"), from: content).status == 304)
    _ = try directory.write("x", to: "b")
    #expect(HTTPExchange.outcome(of: request("/", "If-None-Match: \(tag)"), from: content).status == 200)
  }
}
