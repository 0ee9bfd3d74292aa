// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Glibc
import HTTP
import SocketTestSupport
import Sockets
import SystemPackage
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
      of: request(target), from: .directory(root, HTTPDirectoryRules(isListed: true), limits: limits))
    #expect(outcome.status == 200 && outcome.field("Content-Type") == "text/html; charset=utf-8")
    return outcome
  }

  /// The links to the entries of a page, in order.
  private static func links(_ page: HTTPExchange.Outcome) -> [String] {
    links(page.body.split(separator: "<tbody>").last ?? "")
  }

  /// The links in a part of a page, in order.
  private static func links(_ html: Substring) -> [String] {
    html.split(separator: "href=\"").dropFirst().map { String($0.prefix { $0 != "\"" }) }
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

  @Test func `a listing is sorted by the query, directories first, and keeps its order in links`() throws {
    let directory = try TemporaryDirectory()
    defer { withExtendedLifetime(directory) {} }
    for (name, size, time) in [("a", 30, 2.0), ("b", 10, 3.0), ("c", 20, 1.0), ("d", 20, 1.0)] {
      let path = try directory.write([UInt8](repeating: 0, count: size), to: name)
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: time)], ofItemAtPath: path)
    }
    for (name, time) in [("y", 4.0), ("z", 0.0)] {
      try FileManager.default.createDirectory(
        atPath: directory.file(name), withIntermediateDirectories: false)
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: time)], ofItemAtPath: directory.file(name))
    }
    for (query, names) in [
      ("", "y/ z/ a b c d"), ("sort=name", "y/ z/ a b c d"), ("sort=name&order=desc", "z/ y/ d c b a"),
      ("sort=size", "y/ z/ b c d a"), ("order=desc&sort=size", "y/ z/ a c d b"),
      ("sort=date&order=asc", "z/ y/ c d a b"), ("sort=date&order=desc", "y/ z/ b a c d"),
      ("sort=date&order=<script>", "z/ y/ c d a b"), ("sort=nothing&x&=&order", "y/ z/ a b c d"),
    ] {
      let page = try Self.page(
        directory, "/?\(query.replacingOccurrences(of: "<script>", with: "%3Cscript%3E"))")
      let links = Self.links(page)
      #expect(
        links.map { String($0.prefix { $0 != "?" }) }.joined(separator: " ") == names, "\(query)")
      #expect(!page.body.contains("script"))
      let carried = links.filter { $0.contains("/?") }.map { $0.drop { $0 != "?" } }
      #expect(carried.count == (names.hasPrefix("y/ z/ a b c d") ? 0 : 2), "\(query): \(links)")
    }
    let page = try Self.page(directory, "/?sort=size")
    let head = try #require(page.body.split(separator: "<tbody>").first)
    #expect(Self.links(head) == ["?sort=name", "?sort=size&amp;order=desc", "?sort=date"])
    #expect(head.contains("<th aria-sort=\"ascending\"><a href=\"?sort=size&amp;"))
    let below = try Self.page(directory, "/z/?sort=size&order=desc")
    #expect(below.body.contains("<h1><a href=\"/?sort=size&amp;order=desc\">/</a>z/</h1>"))
    #expect(Self.links(below) == ["../?sort=size&amp;order=desc"])
  }

  @Test func `a page follows the colours of the reader's system, and has no script`() throws {
    let directory = try TemporaryDirectory()
    defer { withExtendedLifetime(directory) {} }
    let page = try Self.page(directory).body
    #expect(page.contains("@media (prefers-color-scheme: dark)") && page.contains("@media (max-width:"))
    #expect(!page.contains("<script") && !page.contains("http:") && !page.contains("https:"))
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
      let file = HTTPExchange.outcome(
        of: request("/\(link)"), from: .directory(root, HTTPDirectoryRules(isListed: true)))
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
      HTTPExchange.outcome(
        of: request("/bad-%FF"), from: .directory(root, HTTPDirectoryRules(isListed: true))
      ).status == 200)
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

  @Test(arguments: ["fstatat(", "fstat(", "openat2("])
  func `an entry that cannot be examined is not left out without a word`(call: String) throws {
    let directory = try TemporaryDirectory()
    defer { withExtendedLifetime(directory) {} }
    _ = try directory.write("x", to: "file")
    try FileManager.default.createSymbolicLink(atPath: directory.file("link"), withDestinationPath: "file")
    let content = HTTPContent.directory(
      try RootDirectory(path: directory.path), HTTPDirectoryRules(isListed: true))
    for code in [Errno.noMemory, .ioError] {
      try FailingCalls.each(call, code) { calls in
        let page = try calls.during { HTTPExchange.outcome(of: request("/"), from: content) }
        guard calls.count > 0 else { return }
        let isMarked = page.status == 200 && page.body.contains("There are more; only these 1 are listed.")
        #expect(page.status == (code == .noMemory ? 503 : 500) || code == .ioError && isMarked, "\(page)")
      }
    }
  }

  @Test func `an entry that has vanished, or that may not be read, is not listed`() throws {
    let directory = try TemporaryDirectory()
    defer { withExtendedLifetime(directory) {} }
    for name in ["a", "b"] { _ = try directory.write("x", to: name) }
    for code in [Errno.noSuchFileOrDirectory, .permissionDenied] {
      let page = try FailingCalls("fstatat(", code).during { try Self.page(directory) }
      #expect(Self.links(page).count == 1 && !page.body.contains("There are more"))
    }
  }

  @Test func `a list that the client has is not sent again`() throws {
    let directory = try TemporaryDirectory()
    defer { withExtendedLifetime(directory) {} }
    _ = try directory.write("x", to: "a")
    let tag = try #require(try Self.page(directory).field("ETag"))
    let root = try RootDirectory(path: directory.path)
    let content = HTTPContent.directory(root, HTTPDirectoryRules(isListed: true))
    #expect(HTTPExchange.outcome(of: request("/", "If-None-Match: \(tag)"), from: content).status == 304)
    _ = try directory.write("x", to: "b")
    #expect(HTTPExchange.outcome(of: request("/", "If-None-Match: \(tag)"), from: content).status == 200)
  }
}
