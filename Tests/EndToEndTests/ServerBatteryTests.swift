// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

/// The behaviour that every service has in every server model.
@Suite(.takingTurns)
struct ServerBatteryTests {
  @Test(arguments: ServedModel.all)
  func `five hundred clients are served at once, in any order`(served: ServedModel) async throws {
    let server = served.start()
    try await served.clients(
      """
      clients = [connected(arguments[0]) for _ in range(500)]
      for _ in range(2):
          for client in reversed(clients):
              client.sendall(request)
          for client in clients:
              answered(client)
      for client in clients:
          client.shutdown(socket.SHUT_WR)
      for client in clients:
          assert client.recv(1) == b""
      """, "\(try await server.announcedPort())")
    server.signal(SIGTERM)
    let end = try await server.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(end.errorLines.count { $0.hasPrefix("sockkit: accepted ") } == 500)
    #expect(end.errorLines.count { $0.hasPrefix("sockkit: closed ") } == 500)
  }

  @Test(arguments: ServedModel.all)
  func `requests are answered in order, in whatever pieces they arrive, and after a half-close`(
    served: ServedModel
  ) async throws {
    let server = served.start()
    try await served.clients(
      """
      for size in 1, 7, 1000:
          client = connected(arguments[0])
          client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
          requests = request * 50
          for start in range(0, len(requests), size):
              client.sendall(requests[start:start + size])
          client.shutdown(socket.SHUT_WR)
          for _ in range(50):
              answered(client)
          assert client.recv(1) == b""
      """, "\(try await server.announcedPort())")
  }

  @Test(arguments: ServedModel.all)
  func `a client that does not read its answers costs bounded memory and nobody's time`(
    served: ServedModel
  ) async throws {
    let server = served.start()
    try await served.clients(
      """
      def resident(pid):
          status = dict(line.split(":", 1) for line in open(f"/proc/{pid}/status"))
          children = open(f"/proc/{pid}/task/{pid}/children").read().split()
          return max([int(status["VmRSS"].split()[0]) >> 10] + [resident(child) for child in children])
      greedy = connected(arguments[0])
      greedy.setblocking(False)
      sent = waits = 0
      many = request * (1 + 65536 // len(request))
      offset = 0
      while waits < 20:
          try:
              count = greedy.send(many[offset:])
              offset = (offset + count) % len(request)
              sent += count
              waits = 0
          except BlockingIOError:
              waits += 1
              select.select([], [greedy], [], 0.05)
      assert sent < 64 << 20, sent
      other = connected(arguments[0])
      for _ in range(100):
          ask(other)
      assert resident(int(arguments[1])) < 100, resident(int(arguments[1]))
      """, "\(try await server.announcedPort())", "\(try await server.processIdentifier())")
  }

  @Test(arguments: ServedModel.all)
  func `clients that reset or vanish in the middle cost nobody anything`(served: ServedModel) async throws {
    let server = served.start()
    try await served.clients(
      """
      other = connected(arguments[0])
      for number in range(200):
          client = connected(arguments[0])
          client.sendall(request + request[:number % len(request)])
          reset(client) if number % 2 else client.close()
      ask(other)
      ask(connected(arguments[0]))
      """, "\(try await server.announcedPort())")
    server.signal(SIGTERM)
    server.signal(SIGTERM)
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test(arguments: ServedModel.all)
  func `a connection without a byte is closed after its time, an active one is not`(
    served: ServedModel
  ) async throws {
    let server = served.start("-i", "500ms")
    try await served.clients(
      """
      idle, stuck, active = [connected(arguments[0]) for _ in range(3)]
      stuck.sendall(request[:1])
      start = time.monotonic()
      waiting = {idle, stuck}
      while waiting:
          ready = select.select(waiting, [], [], 0.1)[0]
          waiting -= {client for client in ready if not client.recv(100)}
          ask(active)
      assert 0.4 < time.monotonic() - start < 15, time.monotonic() - start
      ask(active)
      """, "\(try await server.announcedPort())")
  }

  @Test(arguments: ServedModel.all)
  func `connections over the limit wait until there is room`(served: ServedModel) async throws {
    let server = served.start("-m", "2")
    try await served.clients(
      """
      clients = [connected(arguments[0]) for _ in range(4)]
      for client in clients:
          client.sendall(request)
      answered(clients[0])
      answered(clients[1])
      assert not select.select(clients[2:], [], [], 0.3)[0]
      clients[0].close()
      answered(clients[2])
      clients[1].close()
      answered(clients[3])
      """, "\(try await server.announcedPort())")
  }

  @Test(arguments: ServedModel.all)
  func `who is not admitted is closed at once, and told of`(served: ServedModel) async throws {
    let server = served.start("--allow", "127.0.0.0/8", "--deny", "127.0.0.1", "-4", at: "*:0")
    try await served.clients(
      """
      denied = connected(arguments[0])
      assert denied.recv(1) == b""
      ask(socket.create_connection(("127.0.0.1", int(arguments[0])), source_address=("127.0.0.2", 0)))
      """, "\(try await server.announcedPort())")
    try await server.errorLine(containing: "refused 127.0.0.1:")
  }

  @Test(arguments: ServedModel.all)
  func `IPv6 and a Unix socket are served as well`(served: ServedModel) async throws {
    let server = served.start(at: "[::1]:0")
    let directory = try TemporaryDirectory()
    let unix = served.start(at: "unix:" + directory.file("socket"))
    try await unix.errorLine(containing: "listening on ")
    try await served.clients(
      """
      ask(socket.create_connection(("::1", int(arguments[0]))))
      client = socket.socket(socket.AF_UNIX)
      client.connect(arguments[1])
      ask(client)
      """, "\(try await server.announcedPort())", directory.file("socket"))
    unix.signal(SIGTERM)
    #expect(try await unix.finished().ending == .exit(0))
    #expect(!directory.has("socket"))
  }

  @Test(arguments: ServedModel.all)
  func `no child, no thread and no descriptor is left behind`(served: ServedModel) async throws {
    let server = served.start("--deny", "127.0.0.2")
    try await served.clients(
      """
      server = arguments[1]
      def state():
          children = open(f"/proc/{server}/task/{server}/children").read().split()
          return len(os.listdir(f"/proc/{server}/fd")), len(os.listdir(f"/proc/{server}/task")), len(children)
      turned_away(arguments[0])
      before = state()
      for _ in range(300):
          client = connected(arguments[0])
          ask(client)
          client.close()
      end = time.monotonic() + 20
      while state() != before:
          assert time.monotonic() < end, (before, state())
          # Somebody who is served would leave something behind himself, for a moment.
          turned_away(arguments[0])
      """, "\(try await server.announcedPort())", "\(try await server.processIdentifier())")
  }
}
