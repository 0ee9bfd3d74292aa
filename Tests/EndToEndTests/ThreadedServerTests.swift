// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

/// Servers with several threads, each of which has something to do all the time; `make check-tsan` has the thread sanitizer
/// watch them.
@Suite(.takingTurns)
struct ThreadedServerTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// A loop of clients, which begins with the words `port` and `visit(number)`: the number says how a client behaves.
  private static let crowd = """
    enough, ending = threading.Event(), threading.Event()
    failures = []

    def stay():
        number = 0
        while number < 40 or not enough.is_set():
            number += 1
            visit(number)
        # From here on the server may end at any moment.
        ending_crowd.wait()
        try:
            while True:
                number += 1
                visit(number)
        except (ConnectionError, AssertionError):
            pass

    def do(work):
        try:
            work()
        except BaseException as failure:
            failures.append(repr(failure))
            ending_crowd.abort()

    def crowd():
        threads = [threading.Thread(target=do, args=(stay,), daemon=True) for _ in range(6)]
        for thread in threads:
            thread.start()
        say("busy")
        told("enough")
        enough.set()
        try:
            ending_crowd.wait(35)
        except threading.BrokenBarrierError:
            pass
        assert not failures, failures
        say("ending")
        for thread in threads:
            thread.join(35)
        assert not failures and not any(thread.is_alive() for thread in threads), failures

    ending_crowd = threading.Barrier(7)


    """

  /// An answer to a web client that has the list of the directory in it.
  private static let listed = """
    def answered(client):
        head = b""
        while not head.endswith(b"\\r\\n\\r\\n"):
            head += exactly(client, 1)
        assert head.startswith(b"HTTP/1.1 200 OK\\r\\n"), head
        page = exactly(client, int(head.split(b"\\r\\nContent-Length: ")[1].split()[0]))
        assert b'<a href="denied">' in page, page


    """

  /// Has a server read its lists again while its clients are busy, and then end while they go on.
  private func expectService(by server: RunningProgram, for clients: RunningProgram) async throws {
    try await clients.outputLine(containing: "busy")
    for number in 1...5 {
      server.signal(SIGHUP)
      try await server.errorLine(containing: "reloaded the access lists", number: number)
    }
    clients.send("enough\n")
    try await clients.outputLine(containing: "ending")
    server.signal(SIGTERM)
    server.signal(SIGTERM)
    let end = try await server.finished()
    #expect(end.ending == .exit(0), "\(end)")
    let left = try await clients.finish()
    #expect(left.ending == .exit(0), "\(left)")
    #expect(
      end.errorLines.count { $0.hasPrefix("sockkit: accepted ") }
        >= end.errorLines.count { $0.hasPrefix("sockkit: closed ") })
  }

  @Test(arguments: ServedModel.Service.allCases, [["thread"], ["event", "--workers", "3"]])
  func `a crowd is served while lists are read again, and while the server ends`(
    service: ServedModel.Service, model: [String]
  ) async throws {
    let denied = try directory.write("127.0.0.2\n", to: "denied")
    let served = ServedModel(service: service, model: model[0])
    // A list, which other threads make, in place of a text.
    let arguments = served.arguments(model.dropFirst() + ["--deny-file", denied, "-m", "5", "-i", "20s"])
      .filter { !["--text", "well"].contains($0) }
    let server = RunningProgram(
      .sockkit(service == .web ? arguments + ["--list", directory.path] : arguments), limit: 60)
    let clients = try served.startClients(
      (service == .web ? Self.listed : "") + """
        port = int(arguments[0])

        def visit(number):
            if number % 5 == 0:
                turned_away(port)
                return
            with connected(port) as client:
                for _ in range(number % 4):
                    ask(client)
                if number % 3 == 0:
                    client.sendall(request + request[:number % len(request)])
                    reset(client)


        """ + Self.crowd + "crowd()", "\(try await server.announcedPort())", limit: 60)
    try await expectService(by: server, for: clients)
  }

  @Test func `a crowd is forwarded, and recorded, while lists are read again, and while the forwarder ends`()
    async throws
  {
    let target = RunningProgram.sockkit(
      "echo-server", "-v", "--workers", "2", "localhost:0", input: .file("/dev/null"))
    let denied = try directory.write("127.0.0.2\n", to: "denied")
    // Of a name, which is looked up in threads.
    let server = RunningProgram.sockkit(
      "forward", "-v", "--stats", "--workers", "3", "-m", "5", "-i", "20s", "--deny-file", denied,
      "-o", directory.file("record"), "-x", directory.file("dump"), "127.0.0.1:0",
      "localhost:\(try await target.announcedPort())", input: .file("/dev/null"))
    let clients = RunningProgram(
      try .python(
        """
        port = int(arguments[0])

        def visit(number):
            if number % 5 == 0:
                with socket.create_connection(("127.0.0.1", port), source_address=("127.0.0.2", 0)) as client:
                    try:
                        assert client.recv(1) == b""
                    except ConnectionResetError:
                        pass
                return
            with connected(port) as client:
                for _ in range(number % 4):
                    client.sendall(b"well" * number)
                    answer = b""
                    while len(answer) < 4 * number:
                        part = client.recv(4 * number - len(answer))
                        assert part
                        answer += part
                    assert answer == b"well" * number
                if number % 3 == 0:
                    client.sendall(b"well")
                    reset(client)


        """ + Self.crowd + "crowd()", ["\(try await server.announcedPort())"]))
    try await expectService(by: server, for: clients)
  }
}
