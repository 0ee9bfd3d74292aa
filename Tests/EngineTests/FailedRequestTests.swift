// SPDX-License-Identifier: GPL-3.0-or-later

import Calculator
import Engine
import Reactor
import SocketTestSupport
import Sockets
import SystemPackage
import Testing
import Transport

/// What becomes of requests that cannot be sent.
@Suite(.timeLimit(.minutes(1)))
struct FailedRequestTests {
  private let server: SocketStream
  private let connection: CalculatorConnection

  init() throws {
    let listener = try Listener.unique()
    let client = SocketStream(try Connector().connect(to: [listener.local]))
    server = SocketStream(try listener.acceptWaiting())
    connection = try CalculatorConnection(client, limits: ConnectionLimits())
    connection.exchange.submit(try ExpressionParser.plan(for: Array("1 + 2".utf8)), label: 1)
  }

  @Test(arguments: [Errno.noMemory, .noBufferSpace])
  func `a request that cannot be sent fails, since no answer would come`(code: Errno) throws {
    let calls = FailingCalls("send(", code)
    let failure = #expect(throws: Failure.self) {
      try calls.during {
        try connection.wait()
        try connection.attend()
      }
    }
    #expect(failure?.message.contains("send to") == true && calls.count == 1)
  }

  @Test func `the reason of a server that has closed is read first`() throws {
    let calls = FailingCalls("send(", .brokenPipe)
    try calls.during {
      try connection.wait()
      try connection.attend()
    }
    #expect(calls.count == 1)
  }
}
