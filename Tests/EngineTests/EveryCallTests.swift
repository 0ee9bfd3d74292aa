// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Reactor
import Services
import SocketTestSupport
import Sockets
import SystemPackage
import Testing
import Transport

/// What becomes of a connector and a relay if one of their calls fails, whichever it is.
///
/// Either everything is done, or the failure is reported; and calls that only have to be made again are.
@Suite(.timeLimit(.minutes(2)))
struct EveryCallTests {
  /// A call by the name that a trace has for it, and an error that it can report.
  struct Fault: Sendable, CustomTestStringConvertible {
    let call: String
    let error: Errno

    /// Whether the work has to be done in spite of it.
    var isTemporary: Bool { error == .interrupted || error == .wouldBlock }
    var testDescription: String { "\(call)) \(error)" }
  }

  private static let moving: [Errno] = [
    .interrupted, .wouldBlock, .connectionReset, .timedOut, .noRouteToHost, .noMemory, .noBufferSpace,
  ]

  private static let faults: [Fault] = {
    let errors: [(String, [Errno])] = [
      ("recv(", moving), ("send(", moving + [.brokenPipe]),
      ("splice(", moving + [.brokenPipe, .invalidArgument, .ioError]),
      ("read(", [.interrupted, .wouldBlock, .ioError]),
      ("write(", [.interrupted, .wouldBlock, .ioError, .noSpace]),
      ("pipe2(", [.tooManyOpenFiles, .tooManyOpenFilesInSystem, .noMemory]),
      ("socket(", [.tooManyOpenFiles, .noMemory, .permissionDenied]),
      ("connect(", [.interrupted, .connectionRefused, .addressNotAvailable, .noMemory]),
      ("ppoll(", [.interrupted, .noMemory]),
      ("shutdown(", [.socketNotConnected]), ("ioctl(", [.noMemory]), ("fcntl(", [.tooManyOpenFiles]),
      ("getsockopt(", [.protocolNotAvailable, .noMemory]),
      ("setsockopt(", [.protocolNotAvailable, .noMemory]),
      ("close(", [.interrupted, .ioError]),
    ]
    return errors.flatMap { call, codes in codes.map { Fault(call: call, error: $0) } }
  }()

  private static let bytes = (0..<60_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }

  /// A stream, and the socket at its other end.
  private final class Line {
    let stream: SocketStream
    let far: StreamSocket

    init() throws {
      let listener = try Listener.unique()
      stream = SocketStream(try Connector().connect(to: [listener.local]))
      far = try listener.acceptWaiting()
    }

    /// Sends everything from the other end, and ends it.
    func send(_ bytes: [UInt8]) throws {
      #expect(try Transfer.send(to: far.descriptor, from: bytes.span) == .moved(bytes.count))
      try far.shutdownSending()
    }

    /// Everything that has arrived at the other end.
    func arrived() throws -> [UInt8] {
      var result: [UInt8] = []
      var storage = [UInt8](repeating: 0, count: 1 << 16)
      while true {
        var buffer = storage.mutableSpan
        guard case .moved(let count) = try Transfer.receive(from: far.descriptor, into: &buffer) else {
          return result
        }
        result += storage.prefix(count)
      }
    }
  }

  /// Has one call after the other fail, and judges what comes of it.
  ///
  /// - Parameter isDone: Does the work; whether it was done completely. It throws the failure that is reported.
  private static func judge(_ fault: Fault, _ isDone: (FailingCalls) throws -> Bool) throws {
    try FailingCalls.each(fault.call, fault.error) { calls in
      do {
        let isComplete = try isDone(calls)
        #expect(isComplete)
      } catch {
        // A failure that is reported is permitted.
        guard calls.count > 0, !fault.isTemporary else { throw error }
      }
    }
  }

  @Test(arguments: faults) func `a relay is complete, or says that it has failed`(fault: Fault) throws {
    try Self.judge(fault) { calls in
      let input = try Line()
      let output = try Line()
      let peer = try Line()
      try input.send(Self.bytes)
      try peer.send(Self.bytes)
      var limits = ConnectionLimits()
      limits.deadline = .after(.seconds(20))
      let report = try calls.during {
        let relay = try Relay(
          input: input.stream, output: output.stream, peer: peer.stream, policy: RelayPolicy(), limits: limits
        )
        return try relay.run(until: try SignalQueue([]))
      }
      if case .failed(let error) = report.outcome { throw error }
      #expect(report.outcome == .finished)
      return try peer.arrived() == Self.bytes && output.arrived() == Self.bytes
    }
  }

  @Test(arguments: faults) func `a connector has connected, or says that it has failed`(fault: Fault) throws {
    try Self.judge(fault) { calls in
      let listener = try Listener.open(on: .internet(.loopbackIPv4, port: 0))
      let socket = try calls.during {
        try Connector().connect(to: [listener.local], until: .after(.seconds(20)))
      }
      // The connection is there, and no other.
      return try listener.acceptWaiting().remote == socket.local
    }
  }
}
