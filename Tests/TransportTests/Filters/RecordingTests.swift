// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Synchronization
import TestSupport
import Testing
import Transport

/// The lines of a dump, in the order of arrival.
private final class KeptLines: Sendable {
  private let state = Guarded<[String]>([])
  var lines: [String] { state.withLock { $0 } }
  func add(_ lines: [String]) { state.withLock { $0 += lines } }
}

struct RecordingTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func file(_ name: String) throws -> OutputFile {
    try OutputFile(directory.file(name), existing: .refused)
  }

  /// Records a text.
  private func record(_ text: String, _ direction: TrafficDirection, in recording: Recording) throws {
    try recording.record(Array(text.utf8).span, direction)
  }

  @Test func `recordings of two connections share the files, and no offsets`() throws {
    var files = RecordFiles()
    files.both = try file("both")
    files.sent = try file("sent")
    files.received = try file("received")
    let kept = KeptLines()
    files.dumpOutput = .lines { (lines, _) in kept.add(lines) }
    let first = Recording(in: files, label: "[a] ")
    let second = first.sharing(label: "[b] ")
    try record("one", .sent, in: first)
    try record("two", .sent, in: second)
    try record("three", .received, in: first)
    try record("four", .sent, in: first)
    try first.close()
    #expect(try directory.read("both") == Array("onetwothreefour".utf8))
    #expect(try directory.read("sent") == Array("onetwofour".utf8))
    #expect(try directory.read("received") == Array("three".utf8))
    let heads = kept.lines.map { $0.split(separator: " ") }.map { "\($0[0]) \($0[1]) \($0[3])" }
    #expect(heads == ["[a] > 00000000", "[b] > 00000000", "[a] < 00000000", "[a] > 00000003"])
  }
}
