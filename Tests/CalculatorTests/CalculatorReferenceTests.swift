// SPDX-License-Identifier: GPL-3.0-or-later

import Calculator
import Dispatch
import Services
import SocketTestSupport
import Sockets
import SystemPackage
import TestSupport
import Testing

/// The service compared with Python's numbers, and run with a client written from the description of the protocol.
@Suite(.takingTurns)
struct CalculatorReferenceTests {
  private static let operations: [CalculatorOperation] = [.add, .subtract, .multiply, .divide]

  /// A random integer of at most this many bytes.
  private static func integer(bytes: Int, _ random: inout SystemRandomNumberGenerator) -> BigInteger {
    var payload: [UInt8] = []
    while payload.count < bytes {
      unsafe withUnsafeBytes(of: UInt64.random(in: 0...UInt64.max, using: &random)) {
        unsafe payload.append(contentsOf: $0)
      }
    }
    return BigInteger(twosComplement: payload.span.extracting(first: bytes))
  }

  /// Numbers of all sizes, and near boundaries: powers of two, halves of a double's last place.
  private static func number(_ random: inout SystemRandomNumberGenerator) -> CalculatorValue {
    let sign: BigInteger = Bool.random(using: &random) ? 1 : -1
    switch Int.random(in: 0..<40, using: &random) {
    case 0..<5: return .integer(BigInteger(Int.random(in: -10...10, using: &random)))
    case 5..<10: return .integer(BigInteger(Int.random(in: .min ... .max, using: &random)))
    case 10..<15:
      return .integer(sign << Int.random(in: 0..<1100, using: &random) + BigInteger(Int.random(in: -1...1)))
    case 15..<24: return .integer(integer(bytes: Int.random(in: 1...4096, using: &random), &random))
    // Large enough for other algorithms.
    case 24: return .integer(integer(bytes: Int.random(in: 20_000...30_000, using: &random), &random))
    case 25..<30:
      return .integer(integer(bytes: 7, &random) << Int.random(in: 0..<1000, using: &random))
    case 30..<35: return .double(Double(Int.random(in: -1000...1000, using: &random)) / 8)
    default:
      let double = Double(bitPattern: UInt64.random(in: 0...UInt64.max, using: &random))
      return .double(double.isFinite ? double : 0.5)
    }
  }

  @Test func `3000 random operations have the results that Python has`() async throws {
    var random = SystemRandomNumberGenerator()
    var requests: [UInt8] = []
    for _ in 0..<3000 {
      let operation = Self.operations[Int.random(in: 0..<4, using: &random)]
      var (left, right) = (Self.number(&random), Self.number(&random))
      if operation == .divide, case .integer(let divisor) = right, Bool.random(using: &random) {
        left = .integer(divisor * Self.integer(bytes: Int.random(in: 1...2000, using: &random), &random))
      }
      if Int.random(in: 0..<50, using: &random) == 0 { right = .text("text") }
      requests += CalculatorServiceSession.request(operation, left, right)
    }
    let reference = RunningProgram(
      try .python(
        PythonCalculator.text + """
          stream = sys.stdin.buffer
          while opcode := stream.read(1):
              sys.stdout.buffer.write(answer(opcode[0], take(stream), take(stream)))
          """), input: .bytes(requests))
    var session = CalculatorServiceSession()
    session.send(requests)
    let finished = try await reference.finished()
    #expect(finished.ending == .exit(0), "\(finished)")
    #expect(finished.output.count > 3000 * 8)
    // In one comparison: there are too many bytes to check each one.
    let isSame = finished.output == session.answers
    #expect(
      isSame,
      "\(zip(finished.output, session.answers).enumerated().first { $1.0 != $1.1 }?.offset ?? -1)")
  }

  @Test(.takingTurns) func `a client in another language is understood`() async throws {
    let server = try OneClientServer()
    let port = try #require(server.port)
    let client = try RunningProgram.python(
      PythonCalculator.text + """
        stream = connected(arguments[0]).makefile("rwb")
        say(ask(stream, 1, 3, 4), ask(stream, 2, -1 << 100, 3), ask(stream, 5, 1, 4), ask(stream, 3, "né", "e"))
        try:
            ask(stream, 5, 1, 0)
        except ArithmeticError as error:
            say(error)
        stream.write(b"\\0")
        stream.flush()
        say(stream.read())
        """, "\(port)")
    try await server.serve()
    #expect(
      try await client.finished()
        == Finished(.exit(0), output: "7 -3802951800684688204490109616128 0.25 née\ndivision by zero\nb''\n"))
  }
}

/// A server for one client, on its own thread: a wait in a task would block other tasks.
private final class OneClientServer: Sendable {
  private let listener: Listener

  init() throws { listener = try Listener.open(on: .internet(.ipv4([127, 0, 0, 1]), port: 0)) }

  var port: UInt16? { listener.local.port }

  /// Waits for the client, and serves it to the end of its session.
  func serve() async throws {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(with: Result { try self.work() }) }
    }
  }

  private func work() throws {
    try Self.wait(for: listener.descriptor)
    let socket = try listener.acceptWaiting()
    let session = CalculatorService().makeSession(for: socket.remote)
    var room = [UInt8](repeating: 0, count: 4096)
    while true {
      try Self.wait(for: socket.descriptor)
      var buffer = room.mutableSpan
      guard case .moved(let count) = try Transfer.receive(from: socket.descriptor, into: &buffer) else {
        return
      }
      var reply = Response()
      session.receive(room.span.extracting(first: count), reply: &reply)
      for case .bytes(let bytes) in reply.parts {
        #expect(try Transfer.send(to: socket.descriptor, from: bytes.span) == .moved(bytes.count))
      }
      if reply.endsSession { return try socket.setCloseRule(.orderly) }
    }
  }

  private static func wait(for descriptor: FileDescriptor) throws {
    var readiness = PollSet()
    readiness.add(descriptor, for: .readable)
    guard try readiness.wait(until: .after(.seconds(100))) else { throw Errno.timedOut }
  }
}
