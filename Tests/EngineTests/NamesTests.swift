// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import Testing

struct NameLinesTests {
  /// The names in a text that is added in pieces of a given size.
  private static func names(in bytes: [UInt8], pieces size: Int) -> [LookupQuery] {
    var lines = NameLines()
    var names: [LookupQuery] = []
    for start in stride(from: 0, to: bytes.count, by: size) {
      lines.append(bytes[start..<min(start + size, bytes.count)])
      while let name = lines.next() { names.append(name) }
    }
    lines.end()
    while let name = lines.next() { names.append(name) }
    return names
  }

  @Test(arguments: [1, 2, 3, 7, 100])
  func `there is one name a line, wherever pieces end`(size: Int) {
    let text = "one\n\n  two \t\r\nthree\r\n \t \n\r\nfour\u{0B}\nlast"
    #expect(
      Self.names(in: Array(text.utf8), pieces: size)
        == ["one", "two", "three", "four", "last"].map { LookupQuery($0) })
  }

  @Test func `a line that is not fit to be a name is refused and costs no other`() {
    let bytes = Array("one\n".utf8) + [0xFF, 0x0A] + Array("a\0b\ntwo\n".utf8)
    let names = Self.names(in: bytes, pieces: 5)
    #expect(names.map(\.text) == ["one", "\\xff", "a\0b", "two"])
    #expect(
      names.map { $0.refusal?.message } == [nil, "the name is not UTF-8", "the name contains a NUL", nil])
  }

  @Test(arguments: [1001, 4096, 4097, 1 << 20])
  func `a line that is too long is refused, however long it is`(count: Int) {
    let bytes = Array("one\n".utf8) + [UInt8](repeating: 0x61, count: count) + Array("\ntwo".utf8)
    let names = Self.names(in: bytes, pieces: 4096)
    #expect(names.map(\.text) == ["one", String(repeating: "a", count: 40) + "…", "two"])
    #expect(names[1].refusal == LookupFailure(.hostNotFound, "a name has at most 1000 bytes"))
  }

  @Test func `the longest name is taken`() {
    let name = String(repeating: "a", count: LookupQuery.longest)
    #expect(Self.names(in: Array("\(name)\n".utf8), pieces: 4096) == [LookupQuery(name)])
    #expect(LookupQuery(name).refusal == nil)
  }
}

struct ReorderBufferTests {
  private static func buffer(_ names: String...) -> ReorderBuffer {
    var buffer = ReorderBuffer(capacity: names.count)
    for name in names { buffer.admit(LookupQuery(name)) }
    return buffer
  }

  /// Starts all waiting queries: their request IDs by name.
  private static func startAll(_ buffer: inout ReorderBuffer) -> [String: Int] {
    var requests: [String: Int] = [:]
    while let (requestID, query) = buffer.startNext() { requests[query] = requestID }
    return requests
  }

  private static func finish(_ buffer: inout ReorderBuffer, _ requests: [String: Int], _ name: String) throws
  {
    buffer.finish(
      try #require(requests[name]),
      HostAnswer(query: name, result: .failure(LookupFailure(.hostNotFound)), duration: .zero))
  }

  /// Takes all answers that are next in the order.
  private static func takeAll(_ buffer: inout ReorderBuffer) -> [String] {
    var names: [String] = []
    while let answer = buffer.takeNext() { names.append(answer.query) }
    return names
  }

  @Test func `answers come out in the order of the names`() throws {
    var buffer = Self.buffer("a", "b", "c")
    let requests = Self.startAll(&buffer)
    #expect(Set(requests.keys) == ["a", "b", "c"])
    try Self.finish(&buffer, requests, "c")
    try Self.finish(&buffer, requests, "b")
    let early = Self.takeAll(&buffer)
    #expect(early.isEmpty && !buffer.hasRoom)
    try Self.finish(&buffer, requests, "a")
    let all = Self.takeAll(&buffer)
    #expect(all == ["a", "b", "c"])
    #expect(buffer.isEmpty && buffer.hasRoom)
  }

  @Test func `a name that is refused is not started but answered in its turn`() throws {
    var buffer = Self.buffer("a", "b\0", "c")
    let requests = Self.startAll(&buffer)
    #expect(Set(requests.keys) == ["a", "c"])
    let early = Self.takeAll(&buffer)
    #expect(early.isEmpty)
    try Self.finish(&buffer, requests, "a")
    let next = Self.takeAll(&buffer)
    #expect(next == ["a", "b\0"])
  }

  @Test func `a name that is put back is started again, also after others were answered`() throws {
    var buffer = Self.buffer("a", "b", "c")
    let requests = Self.startAll(&buffer)
    try Self.finish(&buffer, requests, "a")
    let first = Self.takeAll(&buffer)
    #expect(first == ["a"])
    buffer.restart(try #require(requests["b"]))
    let again = Self.startAll(&buffer)
    #expect(again == ["b": try #require(requests["b"])])
    try Self.finish(&buffer, again, "b")
    try Self.finish(&buffer, requests, "c")
    let rest = Self.takeAll(&buffer)
    #expect(rest == ["b", "c"])
  }
}
