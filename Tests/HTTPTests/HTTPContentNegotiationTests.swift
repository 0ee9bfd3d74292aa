// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import HTTP
import Sockets
import TestSupport
import Testing

/// Ranges and conditional requests.
@Suite(.timeLimit(.minutes(1)))
struct HTTPContentNegotiationTests {
  /// A directory with a file of ten bytes, last modified on the date of the RFC's examples.
  private let directory: TemporaryDirectory
  private let content: HTTPContent
  private static let modified = "Sun, 06 Nov 1994 08:49:37 GMT"

  init() throws {
    directory = try TemporaryDirectory()
    let path = try directory.write("0123456789", to: "file")
    _ = try directory.write("", to: "empty")
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 784_111_777)], ofItemAtPath: path)
    content = .directory(try RootDirectory(path: directory.path), HTTPDirectoryRules())
  }

  private func outcome(_ fields: [String], target: String = "/file", method: String = "GET")
    -> HTTPExchange.Outcome
  {
    let lines = ["\(method) \(target) HTTP/1.1", "Host: h"] + fields
    return HTTPExchange.outcome(of: lines.joined(separator: "\r\n") + "\r\n\r\n", from: content)
  }

  private var tag: String { get throws { try #require(outcome([]).field("ETag")) } }

  @Test(arguments: [
    ("bytes=0-0", "bytes 0-0/10", "0"), ("bytes=2-4", "bytes 2-4/10", "234"),
    ("Bytes=5-", "bytes 5-9/10", "56789"),
    ("bytes=-3", "bytes 7-9/10", "789"), ("bytes=-100", "bytes 0-9/10", "0123456789"),
    ("bytes=0-", "bytes 0-9/10", "0123456789"), ("bytes=8-100", "bytes 8-9/10", "89"),
    ("bytes=9-99999999999999999999999", "bytes 9-9/10", "9"), ("bytes= 1-1", "bytes 1-1/10", "1"),
    ("bytes=1-1, 50-60", "bytes 1-1/10", "1"), ("bytes=,1-1,", "bytes 1-1/10", "1"),
  ])
  func `a part is sent alone`(_ range: String, _ contentRange: String, _ body: String) {
    let outcome = outcome(["Range: \(range)"])
    #expect(outcome.statuses == [206] && outcome.field("Content-Range") == contentRange)
    #expect(outcome.body == body && outcome.field("Content-Length") == "\(body.count)")
    #expect(outcome.field("ETag") != nil && outcome.field("Last-Modified") == Self.modified)
  }

  @Test(arguments: [
    "bytes=", "bytes", "bytes=-", "bytes=a-b", "bytes=4-2", "bytes=1", "bytes=1-2-3", "bytes=+1-2",
    "bytes=0x1-2",
    "lines=1-2", "bytes =1-2", "bytes=1-2;x", "bytes=0-4,4-6", "bytes=5-6,0-9", "bytes=-5,-5", "bytes=1-2,x",
    "bytes=" + (0..<20).map { "\($0)-\($0)" }.joined(separator: ","), "bytes=--1", "",
  ])
  func `a range that is none, or greedy, is not heeded`(_ range: String) {
    let outcome = outcome(["Range: \(range)"])
    #expect(
      outcome.statuses == [200] && outcome.body == "0123456789" && outcome.field("Content-Range") == nil)
  }

  @Test(arguments: ["bytes=10-", "bytes=10-20", "bytes=-0", "bytes=99999999999999999999999-", "bytes=50-,-0"])
  func `a range beyond the end is not satisfiable`(_ range: String) {
    let outcome = outcome(["Range: \(range)"])
    #expect(outcome.statuses == [416] && outcome.field("Content-Range") == "bytes */10" && !outcome.isOver)
  }

  @Test func `an empty file has no parts`() {
    #expect(outcome([], target: "/empty").body == "")
    for range in ["bytes=0-", "bytes=0-0", "bytes=-1"] {
      #expect(outcome(["Range: \(range)"], target: "/empty").field("Content-Range") == "bytes */0")
    }
  }

  @Test func `parts are sent together, in the order asked for`() throws {
    let outcome = outcome(["Range: bytes=8-,0-1, 4-5"])
    #expect(outcome.status == 206 && outcome.field("Content-Range") == nil)
    let type = try #require(outcome.field("Content-Type"))
    #expect(type.hasPrefix("multipart/byteranges; boundary="))
    let boundary = type.dropFirst("multipart/byteranges; boundary=".count)
    func part(_ range: String, _ text: String) -> String {
      "--\(boundary)\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes \(range)/10\r\n\r\n\(text)\r\n"
    }
    #expect(outcome.body == part("8-9", "89") + part("0-1", "01") + part("4-5", "45") + "--\(boundary)--\r\n")
    #expect(outcome.field("Content-Length") == "\(outcome.body.utf8.count)")
  }

  @Test func `adjacent parts do not overlap`() {
    #expect(outcome(["Range: bytes=0-4,5-9"]).status == 206)
  }

  @Test func `two Range fields are not heeded, nor is one of HEAD`() {
    #expect(outcome(["Range: bytes=0-1", "Range: bytes=2-3"]).status == 200)
    let head = outcome(["Range: bytes=0-1"], method: "HEAD")
    #expect(head.status == 200 && head.field("Content-Length") == "10" && head.body == "")
  }

  @Test func `text has parts too`() {
    let outcome = HTTPExchange.outcome(of: request("/", "Range: bytes=1-3"))
    #expect(outcome.status == 206 && outcome.body == "ell")
  }

  @Test(arguments: [
    ("TAG", 304), ("W/TAG", 304), ("*", 304), ("\"x\", TAG", 304), ("\"a,b\" , W/\"c\",TAG,", 304),
    ("\"x\"", 200),
    ("x", 200), ("", 200), ("TAG\"", 304), ("\"TAG", 200), ("w/TAG", 200), ("*, TAG", 200),
  ])
  func `what the client has by its tag is not sent again`(_ list: String, _ status: Int) throws {
    let list = list.replacingOccurrences(of: "TAG", with: try tag)
    let outcome = outcome(["If-None-Match: \(list)"])
    #expect(outcome.statuses == [status], "\(list)")
    if status == 304 {
      #expect(outcome.body == "" && outcome.field("Content-Length") == nil)
      #expect(try outcome.field("ETag") == tag && outcome.field("Last-Modified") == Self.modified)
    }
  }

  @Test(arguments: [
    ("Sun, 06 Nov 1994 08:49:37 GMT", 304), ("Sunday, 06-Nov-94 08:49:37 GMT", 304),
    ("Sun Nov  6 08:49:37 1994", 304), ("Sun, 06 Nov 1994 08:49:38 GMT", 304),
    ("Sun, 06 Nov 1994 08:49:36 GMT", 200), ("Sat Nov  5 08:49:37 1994", 200),
    ("Fri, 31 Dec 2100 00:00:00 GMT", 304),
    ("Mon, 06 Nov 1994 08:49:37 GMT", 200), ("Sun, 6 Nov 1994 08:49:37 GMT", 200),
    ("Sun, 06 Nov 1994 08:49:37 UTC", 200), ("Sun, 36 Nov 1994 08:49:37 GMT", 200), ("1994-11-06", 200),
    ("Sun, 06 nov 1994 08:49:37 GMT", 200), ("Sun, 06 Nov 1994 24:49:37 GMT", 200), ("", 200),
    ("Sun, 06 Nov 99999999999999 08:49:37 GMT", 200), ("Thursday, 06-Nov-70 08:49:37 GMT", 304),
  ])
  func `what the client has by its time is not sent again`(_ date: String, _ status: Int) {
    #expect(outcome(["If-Modified-Since: \(date)"]).statuses == [status])
    #expect(outcome(["If-Modified-Since: \(date)"], method: "HEAD").statuses == [status])
  }

  @Test func `a tag says more than a time`() {
    let (tag, date) = ("If-None-Match: \"x\"", "If-Modified-Since: \(Self.modified)")
    #expect(outcome([tag, date]).status == 200 && outcome([date, tag]).status == 200)
    #expect(outcome([date, date]).status == 200)
    #expect(outcome([tag, "If-None-Match: *"]).status == 200)
  }

  @Test func `a precondition that is not met is an answer of its own`() throws {
    #expect(try outcome(["If-Match: \(tag)"]).status == 200 && outcome(["If-Match: *"]).status == 200)
    #expect(try outcome(["If-Match: W/\(tag)"]).status == 412)
    #expect(outcome(["If-Match: \"x\""]).status == 412)
    #expect(outcome(["If-Unmodified-Since: \(Self.modified)"]).status == 200)
    #expect(outcome(["If-Unmodified-Since: Sat, 05 Nov 1994 08:49:37 GMT"]).status == 412)
    #expect(outcome(["If-Match: *", "If-Unmodified-Since: Sat, 05 Nov 1994 08:49:37 GMT"]).status == 200)
    #expect(outcome(["If-Match: \"x\""], target: "/nothing").status == 404)
  }

  @Test func `parts are sent only of what the client has the rest of`() throws {
    func status(_ condition: String) -> Int? {
      outcome(["Range: bytes=0-1", "If-Range: \(condition)"]).status
    }
    #expect(try status(tag) == 206 && status("W/\(tag)") == 200 && status("\"x\"") == 200)
    #expect(
      status(Self.modified) == 206 && status("Sun, 06 Nov 1994 08:49:38 GMT") == 200 && status("") == 200)
    #expect(outcome(["If-Range: \"x\""]).status == 200)
    #expect(try outcome(["If-None-Match: \(tag)", "Range: bytes=0-1"]).status == 304)
  }

  @Test func `the tag changes with the file`() throws {
    let before = try tag
    _ = try directory.write("9876543210", to: "file")
    #expect(try tag != before)
    #expect(outcome(["If-None-Match: \(before)"]).status == 200)
  }
}
