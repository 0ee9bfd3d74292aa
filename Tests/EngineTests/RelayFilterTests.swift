// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Reactor
import SocketTestSupport
import Sockets
import SystemPackage
import Testing
import Transport

/// A source in memory that is always ready, and returns its bytes in pieces of a few sizes.
private final class PieceSource: ByteSource {
  private let ready: Pipe
  private var rest: ArraySlice<UInt8>
  private var step = 0

  init(_ bytes: [UInt8]) throws {
    ready = try Pipe()
    let byte: [UInt8] = [1]
    _ = try Transfer.write(to: ready.input, from: byte.span)
    rest = bytes[...]
  }

  var medium: DescriptorKind { .opaque }
  var descriptor: FileDescriptor { ready.output }
  var name: String { "memory" }

  func read(into buffer: inout MutableSpan<UInt8>, atMost limit: Int) -> Transfer {
    guard !rest.isEmpty else { return .endOfStream }
    step = step % 5 + 1
    let piece = rest.prefix(step == 5 ? 50_000 : step)
    for (index, byte) in piece.enumerated() { buffer[index] = byte }
    rest = rest.dropFirst(piece.count)
    return .moved(piece.count)
  }

  func readError(_ code: Errno) -> IOFailure { IOFailure(.read(name), code) }
}

struct RelayFilterTests {
  /// Everything that the other end has sent so far.
  private static func receive(from socket: borrowing StreamSocket) throws -> [UInt8] {
    var result: [UInt8] = []
    var storage = [UInt8](repeating: 0, count: 65_536)
    while true {
      var buffer = storage.mutableSpan
      guard case .moved(let count) = try Transfer.receive(from: socket.descriptor, into: &buffer) else {
        return result
      }
      result += storage.prefix(count)
    }
  }

  private static func converted(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var conversion = SendingConversion(convertsLineEnds: true, speaksTelnet: true)
    let bytes = Array(bytes)
    var result: [UInt8] = []
    conversion.convert(bytes.span, into: &result)
    return result
  }

  @Test(arguments: [nil, 1_000, 333_333])
  func `when it is cut short, a report says exactly how much of the payload has gone`(rate: Int?) throws {
    let listener = try Listener.unique()
    let near = try Connector().connect(to: [listener.local])
    let far = try listener.acceptWaiting()
    let bytes = (0..<2 << 20).map { [UInt8](arrayLiteral: 10, 13, 255, 0, 65)[$0 &* 2_654_435_761 >> 7 % 5] }
    var filters = TrafficFilters()
    filters.convertsLineEnds = true
    filters.speaksTelnet = true
    filters.rate = rate
    var limits = ConnectionLimits()
    limits.deadline = .after(.milliseconds(100))
    let relay = try Relay(
      input: try PieceSource(bytes), output: DiscardingSink(), peer: SocketStream(near),
      policy: RelayPolicy(),
      limits: limits, filters: filters)
    let report = try relay.run(until: try SignalQueue([]))
    #expect(report.outcome == .late)
    let arrived = try Self.receive(from: far)
    let passed = report.sent.passed
    #expect(passed > 0 && passed < bytes.count)
    let (sent, next) = (Self.converted(bytes.prefix(passed)), Self.converted(bytes.prefix(passed + 1)))
    #expect(arrived.starts(with: sent), "all that counts as sent has gone")
    #expect(arrived.count < next.count && next.starts(with: arrived), "and no byte more, but a part of one")
  }
}
