// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import HTTP
import Sockets
import TestSupport
import Testing

/// Compressed copies beside files, as a client sees them.
@Suite(.timeLimit(.minutes(1)))
struct ContentCodingTests {
  private let directory: TemporaryDirectory
  private let content: HTTPContent

  init() throws {
    directory = try TemporaryDirectory()
    for (name, text) in [
      ("page.html", "plain"), ("page.html.gz", "gzip"), ("page.html.br", "brotli"),
      ("page.html.zst", "zstandard"),
      ("one.js", "plain"), ("one.js.gz", "gzip"), ("none.txt", "plain"), ("orphan.css.gz", "gzip"),
      ("index.html", "plain"), ("index.html.gz", "gzip"), ("odd.txt", "plain"), ("secret.txt", "plain"),
    ] { _ = try directory.write(text, to: name) }
    try FileManager.default.createDirectory(
      atPath: directory.file("odd.txt.gz"), withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(
      atPath: directory.file("secret.txt.gz"), withDestinationPath: "/etc/passwd")
    content = .directory(
      try RootDirectory(path: directory.path), HTTPDirectoryRules(isListed: true, isPrecompressed: true))
  }

  private func answer(_ target: String, _ fields: String..., method: String = "GET") -> HTTPExchange.Outcome {
    let lines = ["\(method) \(target) HTTP/1.1", "Host: h"] + fields
    return HTTPExchange.outcome(of: lines.joined(separator: "\r\n") + "\r\n\r\n", from: content)
  }

  @Test(arguments: [
    ("gzip", "gzip"), ("br", "br"), ("zstd", "zstd"), ("gzip, deflate, br, zstd", "br"),
    ("gzip, zstd", "zstd"),
    ("GZIP", "gzip"), ("x-gzip", "gzip"), ("gzip;q=1.0, br;q=0.5", "gzip"),
    ("br;q=0.001,gzip;q=0.002", "gzip"),
    ("br;q=0, *", "zstd"), ("*", "br"), ("*;q=0.1, gzip", "gzip"), ("gzip;q=0.5, identity", nil),
    ("gzip;q=0.5, identity;q=0.5", "gzip"), ("identity;q=0, gzip;q=0.1", "gzip"), ("gzip;q=0", nil),
    ("*;q=0", nil),
    ("", nil), ("deflate", nil), ("identity", nil), ("gzip ; q=1", "gzip"), ("gzip;q=2", nil),
    ("gzip;q=0.1234", nil),
    ("gzip;q=1.001", nil), ("gzip;q=", nil), ("gzip;q=.5", nil), ("gzip;x=1", nil), ("gzip;q=1;q=1", nil),
    (",,gzip,", "gzip"), ("gzip;Q=0", nil), ("gzip;q=1.", "gzip"),
  ])
  func `the coding that the client prefers is sent`(accepted: String, coding: String?) {
    let answer = answer("/page.html", "Accept-Encoding: \(accepted)")
    #expect(answer.status == 200 && answer.field("Content-Encoding") == coding, "\(answer.text)")
    let body = ["gzip": "gzip", "br": "brotli", "zstd": "zstandard"][coding ?? ""] ?? "plain"
    #expect(answer.body == body && answer.field("Content-Length") == "\(body.utf8.count)")
    #expect(answer.field("Content-Type") == "text/html; charset=utf-8")
    #expect(answer.field("Vary") == "Accept-Encoding")
  }

  @Test func `each representation has a tag and ranges of its own`() throws {
    let plain = answer("/page.html")
    let compressed = answer("/page.html", "Accept-Encoding: gzip")
    let tag = try #require(compressed.field("ETag"))
    #expect(plain.field("ETag") != tag && plain.field("Content-Encoding") == nil && plain.body == "plain")
    let known = answer("/page.html", "Accept-Encoding: gzip", "If-None-Match: \(tag)")
    #expect(known.status == 304 && known.field("Vary") == "Accept-Encoding")
    #expect(answer("/page.html", "If-None-Match: \(tag)").status == 200)
    let part = answer("/page.html", "Accept-Encoding: gzip", "Range: bytes=1-2")
    #expect(part.status == 206 && part.body == "zi" && part.field("Content-Encoding") == "gzip")
    #expect(part.field("Content-Range") == "bytes 1-2/4")
    let parts = answer("/page.html", "Accept-Encoding: gzip", "Range: bytes=0-0,2-2")
    #expect(parts.status == 200 && parts.body == "gzip")
    let head = answer("/page.html", "Accept-Encoding: br", method: "HEAD")
    #expect(
      head.field("Content-Length") == "6" && head.field("Content-Encoding") == "br" && head.body.isEmpty)
  }

  @Test func `only a regular file beside an existing one is a copy`() {
    #expect(answer("/one.js", "Accept-Encoding: br, gzip").field("Content-Encoding") == "gzip")
    let none = answer("/none.txt", "Accept-Encoding: gzip")
    #expect(none.body == "plain" && none.field("Vary") == "Accept-Encoding")
    #expect(answer("/orphan.css", "Accept-Encoding: gzip").status == 404)
    #expect(answer("/odd.txt", "Accept-Encoding: gzip").body == "plain")
    #expect(answer("/secret.txt", "Accept-Encoding: gzip").body == "plain")
    let index = answer("/", "Accept-Encoding: gzip")
    #expect(index.body == "gzip" && index.field("Content-Type") == "text/html; charset=utf-8")
    let itself = answer("/page.html.gz", "Accept-Encoding: gzip")
    #expect(itself.field("Content-Type") == "application/gzip" && itself.field("Content-Encoding") == nil)
  }

  @Test func `copies are files like others unless they are asked for`() throws {
    let content = HTTPContent.directory(try RootDirectory(path: directory.path), HTTPDirectoryRules())
    let answer = HTTPExchange.outcome(of: request("/page.html", "Accept-Encoding: gzip"), from: content)
    #expect(answer.body == "plain" && answer.field("Vary") == nil && answer.field("Content-Encoding") == nil)
  }
}
