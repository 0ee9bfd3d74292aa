// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

/// How servers end: no new clients, time for the connected ones, and status 0.
@Suite(.takingTurns)
struct ServerEndTests {
  @Test(arguments: ServedModel.all)
  func `a server that is to stop takes nobody new, and answers what was begun`(served: ServedModel)
    async throws
  {
    let server = served.start("--grace", "1m")
    try await served.clients(
      """
      client = connected(arguments[0])
      ask(client)
      half = len(request) // 2
      client.sendall(request + request[:half])
      answered(client)
      os.kill(int(arguments[1]), signal.SIGTERM)
      end = time.monotonic() + 10
      while time.monotonic() < end:
          try:
              connected(arguments[0]).close()
          except (ConnectionRefusedError, ConnectionResetError):
              break
      else:
          raise AssertionError("still accepting")
      client.sendall(request[half:])
      answered(client)
      """, "\(try await server.announcedPort())", "\(try await server.processIdentifier())")
    let end = try await server.finished()
    #expect(end.ending == .exit(0), "\(end)")
  }

  @Test(arguments: ServedModel.all)
  func `the grace bounds how long a client can hold up the end, and a second signal ends at once`(
    served: ServedModel
  ) async throws {
    for (grace, signals) in [("300ms", [SIGTERM]), ("1h", [SIGINT, SIGTERM])] {
      let server = served.start("--grace", grace)
      let client = try RunningProgram.python(
        """
        client = connected(arguments[0])
        client.sendall(b"G")
        say("begun")
        print(received(client))
        """, "\(try await server.announcedPort())")
      try await client.outputLine(containing: "begun")
      try await server.errorLine(containing: "accepted ")
      for signal in signals { server.signal(signal) }
      let end = try await server.finished()
      #expect(end.ending == .exit(0), "\(end)")
      #expect(try await client.finished().ending != .overdue)
    }
  }

  @Test(arguments: ServedModel.models)
  func `a web client between requests does not hold up the end`(model: String) async throws {
    let served = ServedModel(service: .web, model: model)
    let server = served.start("--grace", "1h")
    try await served.clients(
      """
      clients = [connected(arguments[0]) for _ in range(50)]
      for client in clients:
          ask(client)
      os.kill(int(arguments[1]), signal.SIGTERM)
      for client in clients:
          assert client.recv(1) == b""
      """, "\(try await server.announcedPort())", "\(try await server.processIdentifier())")
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test(arguments: ServedModel.models)
  func `nothing of a server outlives it, even one that is killed`(model: String) async throws {
    let served = ServedModel(service: .echo, model: model)
    let server = served.start()
    try await served.clients(
      """
      clients = [connected(arguments[0]) for _ in range(20)]
      for client in clients:
          ask(client)
      os.kill(int(arguments[1]), signal.SIGKILL)
      for client in clients:
          try:
              assert client.recv(1) == b""
          except ConnectionResetError:
              pass
      """, "\(try await server.announcedPort())", "\(try await server.processIdentifier())")
    #expect(try await server.finished().ending == .signal(SIGKILL))
  }
}
