// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

/// Servers with the maximum number of clients.
@Suite(.takingTurns)
struct ServerScaleTests {
  /// Raises the descriptor limit of a script.
  private static let manyDescriptors = """
    import resource
    resource.setrlimit(resource.RLIMIT_NOFILE, 2 * (resource.getrlimit(resource.RLIMIT_NOFILE)[1],))
    count = min(10000, resource.getrlimit(resource.RLIMIT_NOFILE)[1] - 200)


    """

  @Test(arguments: ServedModel.Service.allCases)
  func `ten thousand idle connections take less than 2 KiB each, and hold nobody up`(
    service: ServedModel.Service
  ) async throws {
    let served = ServedModel(service: service, model: "event")
    let server = served.start(limit: 120)
    try await served.clients(
      Self.manyDescriptors + """
        def resident():
            (line,) = [line for line in open(f"/proc/{arguments[1]}/status") if line.startswith("VmRSS")]
            return int(line.split()[1]) << 10
        active = connected(arguments[0])
        for _ in range(100):
            ask(active)
        before = resident()
        clients = []
        while len(clients) < count:
            clients.append(connected(arguments[0]))
            ask(clients[-1])
        each = (resident() - before) / count
        assert each < 2048, each
        for _ in range(100):
            ask(active)
        for client in clients[::100]:
            ask(client)
        """, "\(try await server.announcedPort())", "\(try await server.processIdentifier())", limit: 110)
    server.signal(SIGTERM)
    server.signal(SIGTERM)
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test func `twenty thousand processes serve one after another, and none is left`() async throws {
    let served = ServedModel(service: .echo, model: "fork")
    let server = served.start(limit: 600)
    try await served.clients(
      """
      server = arguments[1]
      def state():
          children = open(f"/proc/{server}/task/{server}/children").read().split()
          return len(os.listdir(f"/proc/{server}/fd")), len(children)
      def resident():
          (line,) = [line for line in open(f"/proc/{server}/status") if line.startswith("VmRSS")]
          return int(line.split()[1])
      def serve(times):
          for _ in range(times):
              client = connected(arguments[0])
              ask(client)
              client.close()
      before = state()
      serve(1000)
      settled = resident()
      serve(19000)
      end = time.monotonic() + 20
      while state() != before:
          assert time.monotonic() < end, (before, state())
          serve(1)
      assert resident() < settled + 1024, (settled, resident())
      """, "\(try await server.announcedPort())", "\(try await server.processIdentifier())", limit: 590)
    server.signal(SIGTERM)
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test(arguments: ServedModel.models)
  func `a lack of descriptors is told of once and waited out`(model: String) async throws {
    let served = ServedModel(service: .echo, model: model)
    let arguments = served.arguments(["-m", "1000"]).joined(separator: " ")
    let server = RunningProgram(.shell("ulimit -n 30; exec sockkit \(arguments)"), limit: 60)
    let clients = try served.startClients(
      """
      clients = [connected(arguments[0]) for _ in range(60)]
      for client in clients:
          client.sendall(request)
      told("leave")
      for client in clients:
          answered(client)
          client.close()
      """, "\(try await server.announcedPort())")
    // No client disconnects before, so that descriptors run out however slow the server is.
    if model != "fork" { _ = try await server.errorLine(containing: ": Too many open files") }
    clients.send("leave\n")
    let left = try await clients.finish()
    #expect(left.ending == .exit(0), "\(left)")
    server.signal(SIGTERM)
    let end = try await server.finished()
    #expect(end.ending == .exit(0), "\(end)")
    let isShort = end.errorLines.count { $0.hasSuffix(": Too many open files") }
    #expect(model == "fork" ? isShort == 0 : (1...3).contains(isShort), "\(end)")
  }
}
