// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import HTTP
import SocketTestSupport
import Sockets
import SystemPackage
import TestSupport
import Testing

/// Files that clients store.
@Suite(.timeLimit(.minutes(1)))
struct HTTPUploadTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    for name in ["root", "root/sub", "root/.git", "outside"] {
      try FileManager.default.createDirectory(
        atPath: directory.file(name), withIntermediateDirectories: false)
    }
    _ = try directory.write("old", to: "root/old")
    for (name, target) in ["out": "../outside", "link": "old", "gone": "../outside/new"] {
      try FileManager.default.createSymbolicLink(
        atPath: directory.file("root/\(name)"), withDestinationPath: target)
    }
    unsafe #expect(mkfifo(directory.file("root/fifo"), 0o600) == 0)
  }

  private func content(isReplacing: Bool = false, most: Int = 1 << 20) throws -> HTTPContent {
    var rules = HTTPDirectoryRules(isListed: true)
    rules.uploads = HTTPUploadRules(isReplacing: isReplacing, most: most)
    return .directory(try RootDirectory(path: directory.file("root")), rules)
  }

  private func outcome(
    _ text: String, isReplacing: Bool = false, most: Int = 1 << 20, cut: HTTPExchange.Cut = .nowhere
  ) throws -> HTTPExchange.Outcome {
    HTTPExchange.outcome(of: text, from: try content(isReplacing: isReplacing, most: most), cut: cut)
  }

  private func put(_ target: String, _ body: String, _ fields: String...) -> String {
    (["PUT \(target) HTTP/1.1", "Host: h", "Content-Length: \(body.utf8.count)"] + fields)
      .joined(separator: "\r\n") + "\r\n\r\n" + body
  }

  private func form(_ parts: [(name: String, text: String)]) -> String {
    parts.map {
      "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\($0.name)\"\r\nContent-Type: a/b\r\n\r\n\($0.text)\r\n"
    }.joined() + "--x--\r\n"
  }

  private func post(
    _ target: String, _ body: String, _ fields: String..., type: String = "multipart/form-data; boundary=x"
  )
    -> String
  {
    (["POST \(target) HTTP/1.1", "Host: h", "Content-Type: \(type)", "Content-Length: \(body.utf8.count)"]
      + fields)
      .joined(separator: "\r\n") + "\r\n\r\n" + body
  }

  /// The names in a directory, hidden ones too, and the contents of files.
  private func files(_ name: String = "root") throws -> [String: String] {
    var files: [String: String] = [:]
    for entry in try FileManager.default.contentsOfDirectory(atPath: directory.file(name)) {
      if ["sub", ".git", "out", "link", "gone", "fifo"].contains(entry) { continue }
      files[entry] = String(decoding: try directory.read("\(name)/\(entry)"), as: UTF8.self)
    }
    return files
  }

  @Test(arguments: HTTPExchange.Cut.allCases)
  func `a file is stored under the path of the request`(cut: HTTPExchange.Cut) throws {
    let text = put("/new%20file", "one\r\ntwo") + put("/sub/b", "") + request("/new%20file")
    let outcome = try outcome(text, cut: cut)
    #expect(outcome.statuses == [201, 201, 200], "\(outcome.text)")
    #expect(outcome.field("Location") == "/new%20file")
    #expect(outcome.text.hasSuffix("\r\n\r\none\r\ntwo"))
    #expect(try files() == ["old": "old", "new file": "one\r\ntwo"] && files("root/sub") == ["b": ""])
    let chunked = try self.outcome(
      request("/c", method: "PUT", "Transfer-Encoding: chunked") + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
      cut: cut)
    #expect(chunked.statuses == [201])
    #expect(try files()["c"] == "abcde")
  }

  @Test(arguments: [
    ("/old", 409), ("/link", 409), ("/gone", 409), ("/fifo", 409), ("/sub", 409), ("/sub/", 409), ("/", 409),
    ("/.hidden", 403), ("/.git/config", 403), ("/sub/..", 403), ("/../outside/new", 403),
    ("/%2e%2e/outside/new", 403),
    ("/..%2foutside%2fnew", 403), ("/sub%2fnew", 403), ("/line%0abreak", 403), ("/none/new", 404),
    ("/old/new", 404),
    ("/out/new", 404), ("/zero%00", 400), ("/\(String(repeating: "n", count: 256))", 400),
  ])
  func `nothing is stored elsewhere, nor over what exists`(target: String, status: Int) throws {
    let outcome = try outcome(put(target, "new"))
    #expect(outcome.statuses == [status], "\(outcome.text)")
    #expect(try files() == ["old": "old"] && files("outside").isEmpty && files("root/sub").isEmpty)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.file("root/.git")).isEmpty)
  }

  @Test func `with leave, regular files are replaced, and nothing else`() throws {
    let replaced = try outcome(put("/old", "new"), isReplacing: true)
    #expect(replaced.statuses == [204] && replaced.field("Content-Length") == nil)
    #expect(try files() == ["old": "new"])
    for target in ["/link", "/gone", "/fifo", "/sub"] {
      #expect(try outcome(put(target, "new"), isReplacing: true).statuses == [409], "\(target)")
    }
    #expect(
      try outcome(post("/", form([("old", "newer"), ("b", "b")])), isReplacing: true).statuses == [303])
    #expect(try files() == ["old": "newer", "b": "b"] && files("outside").isEmpty)
  }

  @Test func `a file is replaced only in the state that the client knows`() throws {
    let content = try content(isReplacing: true)
    let tag = try #require(HTTPExchange.outcome(of: request("/old"), from: content).field("ETag"))
    func status(_ target: String, _ field: String) -> [Int] {
      HTTPExchange.outcome(of: put(target, "new", field), from: content).statuses
    }
    #expect(status("/old", "If-None-Match: *") == [412] && status("/old", "If-Match: \"x\"") == [412])
    #expect(status("/old", "If-None-Match: \(tag)") == [412] && status("/none", "If-Match: *") == [412])
    #expect(try files() == ["old": "old"])
    #expect(status("/old", "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT") == [204])
    #expect(status("/old", "If-Match: \(tag)") == [412], "it is another file now")
    #expect(status("/old", "If-Match: *") == [204] && status("/fresh", "If-None-Match: *") == [201])
  }

  @Test(arguments: HTTPExchange.Cut.allCases)
  func `the files of a form are stored, and the page is shown again`(cut: HTTPExchange.Cut) throws {
    let body = form([("a.txt", "--x\r\n--"), ("quote%22.txt", ""), ("", ""), ("ü\\b", "\r\n\r\r\n--y-")])
    let outcome = try outcome(post("/sub/?sort=size", body) + request("/sub/a.txt"), cut: cut)
    #expect(outcome.statuses == [303, 200], "\(outcome.text)")
    #expect(
      outcome.field("Location") == "/sub/?sort=size" && outcome.body.contains("stored 3 files in /sub/"))
    #expect(try files("root/sub") == ["a.txt": "--x\r\n--", "quote\".txt": "", "ü\\b": "\r\n\r\r\n--y-"])
    let again = try self.outcome(post("/sub", form([("other", "1")])), cut: cut)
    #expect(again.field("Location") == "/sub/")
  }

  @Test(arguments: [
    ("../evil", 403), ("/etc/evil", 403), ("sub/evil", 403), ("..", 403), (".", 403), (".evil", 403),
    ("e\u{1}vil", 400),
    ("old", 409), ("link", 409), ("gone", 409), ("sub", 409), ("good", 409),
    ("\(String(repeating: "n", count: 300))", 400),
  ])
  func `all files of a form are stored, or none`(name: String, status: Int) throws {
    let outcome = try outcome(
      post("/", form([("good", "good"), (name, "evil"), ("better", "better")])) + request("/old"))
    #expect(outcome.statuses == [status, 200], "\(outcome.text)")
    #expect(try files() == ["old": "old"] && files("outside").isEmpty && files("root/sub").isEmpty)
  }

  @Test(arguments: [
    ("", "application/x-www-form-urlencoded", 415), ("", "multipart/form-data", 400),
    ("", "multipart/form-data; boundary=", 415), ("", "multipart/form-data; boundary=\"\"", 400),
    ("", "multipart/form-data; boundary=x; boundary=y", 415), ("", "multipart/form-data; boundary=x", 400),
    ("--x--\r\n", "multipart/form-data; boundary=x", 400),
    ("nothing", "multipart/form-data; boundary=x", 400),
    ("--x\r\n\r\nno header\r\n--x--", "multipart/form-data; boundary=x", 400),
    ("--xy\r\n", "multipart/form-data; boundary=x", 400),
    (
      "--x\r\nContent-Disposition: attachment; filename=a\r\n\r\n\r\n--x--",
      "multipart/form-data; boundary=x", 400
    ),
    (
      "--x\r\nContent-Disposition: form-data; filename=\"a\r\n\r\n\r\n--x--",
      "multipart/form-data; boundary=x", 400
    ),
    (
      "--x\r\nContent-Disposition: form-data; name=a\r\n\r\nfield\r\n--x--",
      "multipart/form-data; boundary=x", 400
    ),
    (
      "--x\r\nContent-Disposition: form-data; filename=a\r\nContent-Disposition: form-data\r\n\r\n\r\n--x--",
      "multipart/form-data; boundary=x", 400
    ),
    (
      "--x\r\nContent-Disposition: form-data; filename=a\r\n\r\nunfinished\r\n--x",
      "multipart/form-data; boundary=x",
      400
    ),
    (
      "--x\r\nX: \(String(repeating: "x", count: 4093))\r\nY: y\r\n\r\n\r\n--x--",
      "multipart/form-data; boundary=x", 400
    ),
    (
      "--x\r\nX: \(String(repeating: "x", count: 5000))\r\n\r\n\r\n--x--", "multipart/form-data; boundary=x",
      400
    ),
  ])
  func `a form that is none stores nothing`(body: String, type: String, status: Int) throws {
    for cut in HTTPExchange.Cut.allCases {
      let outcome = try outcome(post("/", body, type: type) + request("/old"), cut: cut)
      #expect(outcome.statuses == [status, 200], "\(outcome.text)")
      #expect(try files() == ["old": "old"])
    }
  }

  @Test func `of an upload that is not complete nothing is left`() throws {
    for text in [
      put("/new", "text").dropLast(), post("/", form([("a", "text"), ("b", "text")])).dropLast(9),
    ] {
      var exchange = HTTPExchange(content: try content())
      exchange.send(String(text))
      #expect(try files().count > 1, "it is being written under a temporary name")
      let page = HTTPExchange.outcome(of: request("/"), from: try content())
      #expect(!page.body.contains("sockkit-upload"))
      exchange.finish()
      #expect(exchange.takeOutcome().statuses == [400])
      #expect(try files() == ["old": "old"])
    }
    var abandoned: HTTPExchange? = HTTPExchange(content: try content())
    abandoned?.send(String(put("/new", "text").dropLast()))
    #expect(try files().count == 2)
    abandoned = nil
    #expect(try files() == ["old": "old"])
  }

  @Test func `an upload that is too long is refused, if possible before it is sent`() throws {
    let known = try outcome(put("/new", "12345678901"), most: 10)
    #expect(known.statuses == [413] && known.isOver)
    let asked = request("/new", method: "PUT", "Content-Length: 11", "Expect: 100-continue")
    #expect(try outcome(asked, most: 10).statuses == [413])
    let chunked =
      request("/new", method: "PUT", "Transfer-Encoding: chunked") + "5\r\nabcde\r\n6\r\nabcdef\r\n0\r\n\r\n"
    #expect(try outcome(chunked, most: 20).statuses == [413])
    #expect(try files() == ["old": "old"])
    // More than a body that is thrown away may have.
    let large = String(repeating: "x", count: 3 << 20)
    #expect(try outcome(put("/large", large), most: 4 << 20).statuses == [201])
  }

  @Test(arguments: ["Content-Length: 16777201", "Transfer-Encoding: chunked"])
  func `a refused upload is refused for its own reason, however long it is`(field: String) throws {
    let refused = try outcome(request("/old", method: "PUT", field) + "fffff1\r\n")
    #expect(refused.statuses == [409] && refused.isOver, "\(refused.text)")
    #expect(try files() == ["old": "old"])
  }

  @Test func `leave to send is given after everything was checked`() throws {
    let asked = request("/new", method: "PUT", "Content-Length: 3", "Expect: 100-continue")
    #expect(try outcome(asked + "new").statuses == [100, 201])
    let refused = try outcome(request("/old", method: "PUT", "Content-Length: 3", "Expect: 100-continue"))
    #expect(refused.statuses == [409] && refused.isOver)
  }

  @Test(arguments: [Errno.noSpace, .diskQuotaExceeded, .fileTooLarge])
  func `a full disk leaves nothing behind`(code: Errno) throws {
    for (text, isOver) in [(put("/new", "text"), true), (post("/", form([("a", "text")])), false)] {
      let outcome: HTTPExchange.Outcome = try FailingCalls("write(", code).during { try self.outcome(text) }
      #expect(outcome.statuses == [507] && outcome.isOver == isOver, "\(outcome.text)")
      #expect(try files() == ["old": "old"])
    }
  }

  @Test func `a file system without exclusive renaming has links`() throws {
    let outcome: HTTPExchange.Outcome = try FailingCalls("renameat2(", .invalidArgument, times: 2).during {
      try self.outcome(put("/new", "text") + put("/other", "text"))
    }
    #expect(outcome.statuses == [201, 201])
    #expect(try files() == ["old": "old", "new": "text", "other": "text"])
  }

  @Test func `a file that appears meanwhile is not replaced`() throws {
    var exchange = HTTPExchange(content: try content())
    let text = put("/new", "mine")
    exchange.send(String(text.dropLast()))
    _ = try directory.write("theirs", to: "root/new")
    exchange.send("e")
    #expect(exchange.takeOutcome().statuses == [409])
    #expect(try files() == ["old": "old", "new": "theirs"])
  }

  @Test func `a file that must not exist is not replaced if it appears meanwhile`() throws {
    var exchange = HTTPExchange(content: try content(isReplacing: true))
    let text = put("/new", "mine", "If-None-Match: *")
    exchange.send(String(text.dropLast()))
    _ = try directory.write("theirs", to: "root/new")
    exchange.send("e")
    #expect(exchange.takeOutcome().statuses == [409])
    #expect(try files() == ["old": "old", "new": "theirs"])
  }

  @Test func `of a form none of whose files may replace another, none is stored`() throws {
    var exchange = HTTPExchange(content: try content())
    let text = post("/", form([("a", "text"), ("b", "text")]))
    exchange.send(String(text.dropLast()))
    _ = try directory.write("theirs", to: "root/b")
    exchange.send("\r\n")
    #expect(exchange.takeOutcome().statuses == [409])
    #expect(try files() == ["old": "old", "b": "theirs"])
  }

  @Test func `a part of a file is not stored as the file, nor a body without a length`() throws {
    let part = try outcome(put("/old", "abc", "Content-Range: bytes 10-12/13"), isReplacing: true)
    #expect(part.statuses == [400])
    let endless = try outcome("PUT /old HTTP/1.0\r\n\r\nbody", isReplacing: true)
    #expect(endless.statuses.first == 411)
    #expect(try files() == ["old": "old"])
  }

  @Test(arguments: [
    ("Origin: http://h", 201), ("Origin: https://H", 201), ("Origin: http://other", 403),
    ("Origin: null", 403),
    ("Origin: http://h:81", 403), ("Origin: http://h\r\nOrigin: http://other", 403),
    ("Sec-Fetch-Site: same-origin", 201), ("Sec-Fetch-Site: none", 201), ("Sec-Fetch-Site: cross-site", 403),
    ("Sec-Fetch-Site: same-site", 403), ("Sec-Fetch-Site: same-origin\r\nOrigin: https://proxy", 201),
  ])
  func `pages of other sites do not upload`(field: String, status: Int) throws {
    #expect(try outcome(put("/new", "text", field)).statuses == [status])
    let form = try outcome(post("/", form([("a", "text")]), field))
    #expect(form.statuses == [status == 201 ? 303 : 403])
  }

  @Test func `uploads are offered where they are taken`() throws {
    let page = try outcome(request("/"))
    #expect(page.body.contains("<form method=\"post\" enctype=\"multipart/form-data\">"))
    #expect(try outcome(request("/", method: "DELETE")).field("Allow") == "GET, HEAD, POST, PUT")
    #expect(try outcome(post("/old", form([("a", "text")]))).statuses == [404])
    let plain = HTTPContent.directory(
      try RootDirectory(path: directory.file("root")), HTTPDirectoryRules(isListed: true))
    #expect(!HTTPExchange.outcome(of: request("/"), from: plain).body.contains("<form"))
    #expect(HTTPExchange.outcome(of: put("/new", "text"), from: plain).statuses == [405])
  }

  @Test func `an upload has as long as it goes on, and no longer`() throws {
    var settings = HTTPSettings()
    settings.limits.bodyTime = .seconds(100)
    settings.limits.uploadRate = 10
    var exchange = HTTPExchange(settings, content: try content())
    func left() -> Int { Int(Deadline.now.duration(until: exchange.deadline).components.seconds) }
    exchange.send(request("/new", method: "PUT", "Content-Length: 100000"))
    #expect((95...100).contains(left()))
    exchange.send(String(repeating: "x", count: 500))
    // As much as was earned, but not more than without a byte.
    #expect((95...100).contains(left()))
    exchange.waitTooLong()
    let outcome = exchange.takeOutcome()
    #expect(outcome.statuses == [408] && outcome.isOver)
    #expect(try files() == ["old": "old"])
  }
}
