// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SockkitCore
import Testing

struct NameLinesTests {
  /// The names in a text that comes in pieces of a size.
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

struct LookupWindowTests {
  private static func window(_ names: String...) -> LookupWindow {
    var window = LookupWindow(capacity: names.count)
    for name in names { window.admit(LookupQuery(name)) }
    return window
  }

  /// Starts all that wait: their tickets by name.
  private static func startAll(_ window: inout LookupWindow) -> [String: Int] {
    var tickets: [String: Int] = [:]
    while let (ticket, query) = window.startNext() { tickets[query] = ticket }
    return tickets
  }

  private static func finish(_ window: inout LookupWindow, _ tickets: [String: Int], _ name: String) throws {
    window.finish(
      try #require(tickets[name]),
      HostAnswer(query: name, result: .failure(LookupFailure(.hostNotFound)), duration: .zero))
  }

  /// Takes all answers that are next in order.
  private static func takeAll(_ window: inout LookupWindow) -> [String] {
    var names: [String] = []
    while let answer = window.takeNext() { names.append(answer.query) }
    return names
  }

  @Test func `answers come out in the order of the names`() throws {
    var window = Self.window("a", "b", "c")
    let tickets = Self.startAll(&window)
    #expect(Set(tickets.keys) == ["a", "b", "c"])
    try Self.finish(&window, tickets, "c")
    try Self.finish(&window, tickets, "b")
    let early = Self.takeAll(&window)
    #expect(early.isEmpty && !window.hasRoom)
    try Self.finish(&window, tickets, "a")
    let all = Self.takeAll(&window)
    #expect(all == ["a", "b", "c"])
    #expect(window.isEmpty && window.hasRoom)
  }

  @Test func `a name that is refused is not started but answered in its turn`() throws {
    var window = Self.window("a", "b\0", "c")
    let tickets = Self.startAll(&window)
    #expect(Set(tickets.keys) == ["a", "c"])
    let early = Self.takeAll(&window)
    #expect(early.isEmpty)
    try Self.finish(&window, tickets, "a")
    let next = Self.takeAll(&window)
    #expect(next == ["a", "b\0"])
  }

  @Test func `a name that is put back is started again, also after others were answered`() throws {
    var window = Self.window("a", "b", "c")
    let tickets = Self.startAll(&window)
    try Self.finish(&window, tickets, "a")
    let first = Self.takeAll(&window)
    #expect(first == ["a"])
    window.restart(try #require(tickets["b"]))
    let again = Self.startAll(&window)
    #expect(again == ["b": try #require(tickets["b"])])
    try Self.finish(&window, again, "b")
    try Self.finish(&window, tickets, "c")
    let rest = Self.takeAll(&window)
    #expect(rest == ["b", "c"])
  }
}
