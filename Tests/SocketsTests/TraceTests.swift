// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets
import Synchronization
import SystemPackage
import Testing

/// Tracing is process-wide, so these tests run one after another, and check only their own calls.
@Suite(.serialized)
struct TraceTests {
  private static func traced(_ body: () throws -> Void) rethrows -> [Trace.Call] {
    let calls = Guarded<[Trace.Call]>([])
    return try withExtendedLifetime(calls) {
      let log = CallLog()
      Trace.send { log.append($0) }
      defer { Trace.send(to: nil) }
      try body()
      return log.calls
    }
  }

  private final class CallLog: Sendable {
    private let storage = Guarded<[Trace.Call]>([])
    var calls: [Trace.Call] { storage.withLock { $0 } }
    func append(_ call: Trace.Call) { storage.withLock { $0.append(call) } }
  }

  @Test func `calls read as in a textbook`() throws {
    let port = Guarded<UInt16>(0)
    let calls = try Self.traced {
      let listener = try Listener.open(on: .internet(.ipv4([127, 0, 0, 1]), port: 0), backlog: 17)
      port.withLock { $0 = listener.local.port ?? 0 }
    }
    let texts = calls.map { "\($0.invocation) = \($0.result)" }
    #expect(texts.contains { $0.hasPrefix("socket(AF_INET, SOCK_STREAM, 0) = ") })
    #expect(texts.contains { $0.hasPrefix("bind(") && $0.hasSuffix(", 127.0.0.1:0) = 0") })
    #expect(texts.contains { $0.hasPrefix("listen(") && $0.hasSuffix(", 17) = 0") })
    #expect(texts.contains { $0.hasPrefix("close(") && $0.hasSuffix(") = 0") })
  }

  @Test func `a failure has its name, its words and its time`() throws {
    let closed = Address.abstract(name: "sockkit-nobody-listens")
    let calls = Self.traced {
      #expect(throws: ConnectionError.self) { _ = try Connector().connect(to: [closed]) }
    }
    let call = try #require(calls.first { $0.invocation.hasSuffix(", unix:@sockkit-nobody-listens)") })
    #expect(call.result == "-1 ECONNREFUSED (Connection refused)")
    let caller = call.caller.map { "[\($0)] " } ?? ""
    #expect(
      call.line.hasPrefix("\(caller)\(call.invocation) = \(call.result) [") && call.line.hasSuffix(" ms]"))
  }
}
