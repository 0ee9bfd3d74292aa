// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Reactor
import SocketTestSupport
import Sockets
import SystemPackage
import Testing
import Transport

/// What a copier makes of calls that fail.
struct FailedTransferTests {
  /// A file that is read from its own offset on.
  private final class FileSource: ByteSource {
    private let file: Descriptor

    init(_ bytes: [UInt8]) throws {
      let path = "/tmp/sockkit-failed-\(UInt64.random(in: 0...UInt64.max))"
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      defer { try? FileManager.default.removeItem(atPath: path) }
      file = try Descriptor.opened(path)
    }

    var medium: DescriptorKind { .file }
    var descriptor: FileDescriptor { file.number }
    var name: String { "a file" }

    func read(into buffer: inout MutableSpan<UInt8>, atMost limit: Int) throws(IOFailure) -> Transfer {
      do { return try .read(from: descriptor, into: &buffer, atMost: limit) } catch {
        throw readError(error)
      }
    }

    func readError(_ code: Errno) -> IOFailure { IOFailure(.read(name), code) }
  }

  /// A stream, and the socket at its other end.
  private final class Line {
    let stream: SocketStream
    let peer: StreamSocket

    init() throws {
      let listener = try Listener.unique()
      stream = SocketStream(try Connector().connect(to: [listener.local]))
      peer = try listener.acceptWaiting()
    }

    /// Sends as much of some bytes as fits.
    func send(_ bytes: ArraySlice<UInt8>) throws -> Int {
      if case .moved(let count) = try Transfer.send(to: peer.descriptor, from: bytes.span) {
        count
      } else {
        0
      }
    }
  }

  private static let bytes = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }

  private static func arrived(at sink: FileDescriptor) throws -> [UInt8] {
    var result: [UInt8] = []
    var storage = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      var buffer = storage.mutableSpan
      guard case .moved(let count) = try Transfer.receive(from: sink, into: &buffer) else { return result }
      result += storage.prefix(count)
    }
  }

  /// Copies until nothing is left, while the other side reads.
  private static func copy(from source: any ByteSource, by sending: () throws -> Void = {}) throws -> [UInt8]
  {
    let line = try Line()
    let copier = Copier(from: source, to: line.stream, with: CopyResources(pipes: 2))
    var arrived: [UInt8] = []
    for _ in 0..<10_000 where copier.blocker != .nothing {
      try sending()
      copier.note(source: true, sink: true)
      if let failure = copier.move(fills: 16).failure { throw failure }
      arrived += try Self.arrived(at: line.peer.descriptor)
    }
    #expect(copier.taken == arrived.count)
    return arrived
  }

  /// A stream that has come in over a connection.
  private static func stream(_ calls: FailingCalls) throws -> [UInt8] {
    let line = try Line()
    var sent = 0
    return try calls.during {
      try copy(from: line.stream) {
        guard sent < bytes.count else { return }
        sent += try line.send(bytes[sent...])
        if sent == bytes.count { try line.peer.shutdownSending() }
      }
    }
  }

  @Test(arguments: [Errno.invalidArgument, .notSupported, .noFunction], [0, 1, 2, 3, 6, 7])
  func `a stream that the kernel does not move goes through memory, and loses nothing`(
    code: Errno, passing: Int
  ) throws {
    // Into the pipe and out of it in turn.
    let calls = FailingCalls("splice(", code, after: passing)
    #expect(try Self.stream(calls) == Self.bytes)
    #expect(calls.count == 1)
  }

  @Test(arguments: [0, 1, 2, 5]) func `a move that would block is made later`(passing: Int) throws {
    let calls = FailingCalls("splice(", .wouldBlock, times: 2, after: passing)
    #expect(try Self.stream(calls) == Self.bytes)
    #expect(calls.count == 2)
  }

  @Test(arguments: [Errno.invalidArgument, .notSupported, .noFunction], [0, 1])
  func `a file that the kernel does not move goes through memory, and loses nothing`(
    code: Errno, passing: Int
  ) throws {
    let source = try FileSource(Self.bytes)
    let calls = FailingCalls("sendfile(", code, after: passing)
    #expect(try calls.during { try Self.copy(from: source) } == Self.bytes)
    #expect(calls.count == 1)
  }

  @Test func `without a pipe a stream goes through memory`() throws {
    let calls = FailingCalls("pipe2(", .tooManyOpenFiles, times: .max)
    #expect(try Self.stream(calls) == Self.bytes)
    #expect(calls.count > 0)
  }

  @Test func `a file that cannot be read is told apart from a connection that is gone`() throws {
    let unreadable = try FileSource(Self.bytes)
    #expect(throws: SideFailure.source(IOFailure(.read("a file"), .ioError))) {
      try FailingCalls("sendfile(", .ioError).during { try Self.copy(from: unreadable) }
    }
    let readable = try FileSource(Self.bytes)
    let failure = #expect(throws: SideFailure.self) {
      try FailingCalls("sendfile(", .connectionReset).during { try Self.copy(from: readable) }
    }
    guard case .sink(let error)? = failure else { return #expect(Bool(false), "\(failure as Any)") }
    #expect(error.code == .connectionReset && "\(error)".hasPrefix("send to "))
  }

  @Test(arguments: ["recv(", "splice("])
  func `what fails at the source is worded as a receive`(call: String) throws {
    let failure = #expect(throws: SideFailure.self) {
      try Self.stream(FailingCalls(call, .connectionReset))
    }
    guard case .source(let error)? = failure else { return #expect(Bool(false), "\(failure as Any)") }
    #expect(error.code == .connectionReset && "\(error)".hasPrefix("receive from "))
  }

  @Test func `what fails at the sink is worded as a send`() throws {
    // The first fills the pipe that the second empties.
    let failure = #expect(throws: SideFailure.self) {
      try Self.stream(FailingCalls("splice(", .connectionReset, after: 1))
    }
    guard case .sink(let error)? = failure else { return #expect(Bool(false), "\(failure as Any)") }
    #expect(error.code == .connectionReset && "\(error)".hasPrefix("send to "))
  }
}
