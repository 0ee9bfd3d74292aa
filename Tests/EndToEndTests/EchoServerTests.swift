// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// Behaviour of `echo-server` beyond serving any number of clients.
@Suite(.takingTurns)
struct EchoServerTests {
  @Test(arguments: ServedModel.models)
  func `a file comes back unchanged, and as fast as the client reads`(model: String) async throws {
    let directory = try TemporaryDirectory()
    let file = try await directory.writeRandom(mebibytes: 16, to: "sent")
    let server = ServedModel(service: .echo, model: model).start()
    let port = "\(try await server.announcedPort())"
    let client = try await sockkit(
      "connect", "127.0.0.1", port, input: .file(file), output: .file(directory.file("received")))
    #expect(client == Finished(.exit(0)))
    let digests = try await directory.digests("sent", "received")
    #expect(digests[0] == digests[1])
  }

  @Test(arguments: ServedModel.models)
  func `a prefix begins every line of every client, however lines arrive`(model: String) async throws {
    let served = ServedModel(service: .echo, model: model)
    let server = served.start("--prefix", "echo -> ")
    try await served.clients(
      """
      clients = [connected(arguments[0]) for _ in range(20)]
      for number, client in enumerate(clients):
          client.sendall(b"line %d\\n" % number)
      for part in b"re", b"st\\n\\nl", b"ast":
          for client in clients:
              client.sendall(part)
      for number, client in enumerate(clients):
          client.shutdown(socket.SHUT_WR)
          answer = received(client)
          assert answer == b"echo -> line %d\\necho -> rest\\necho -> \\necho -> last" % number, answer
      """, "\(try await server.announcedPort())")
  }

  @Test func `--workers share one port`() async throws {
    let server = RunningProgram.sockkit("echo-server", "-v", "--workers", "2", "127.0.0.1:0")
    let port = try await server.announcedPort()
    let clients = try await python(
      """
      clients = [connected(arguments[0]) for _ in range(100)]
      for client in clients:
          client.sendall(b"x")
      assert all(client.recv(1) == b"x" for client in clients)
      """, "\(port)")
    #expect(clients.ending == .exit(0), "\(clients)")
    let second = try await sockkit("echo-server", "--workers", "2", "127.0.0.1:\(port)")
    #expect(second.ending == .exit(73) && second.errors.hasSuffix(": Address already in use\n"), "\(second)")
    server.signal(SIGTERM)
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test(arguments: ["2", "8"])
  func `workers share one limit`(limit: String) async throws {
    let server = RunningProgram.sockkit("echo-server", "-v", "--workers", "4", "-m", limit, "127.0.0.1:0")
    let clients = try await python(
      """
      limit = int(arguments[1])
      clients = [connected(arguments[0]) for _ in range(limit + 1)]
      for client in clients:
          client.sendall(b"x")
      served = set()
      while len(served) < limit:
          ready = select.select(set(clients) - served, [], [], 20)[0]
          assert ready, len(served)
          served.update(ready)
      waiting = set(clients) - served
      assert len(waiting) == 1 and not select.select(waiting, [], [], 0.3)[0]
      served.pop().close()
      assert select.select(waiting, [], [], 20)[0]
      """, "\(try await server.announcedPort())", limit)
    #expect(clients.ending == .exit(0), "\(clients)")
  }

  @Test(arguments: ServedModel.models)
  func `a long prefix for many short lines costs bounded memory`(model: String) async throws {
    let served = ServedModel(service: .echo, model: model)
    let server = served.start("--prefix", String(repeating: "p", count: 1000))
    try await served.clients(
      """
      def resident(pid):
          (line,) = [line for line in open(f"/proc/{pid}/status") if line.startswith("VmRSS")]
          children = open(f"/proc/{pid}/task/{pid}/children").read().split()
          return max([int(line.split()[1]) >> 10] + [resident(child) for child in children])
      clients = [connected(arguments[0]) for _ in range(10)]
      for client in clients:
          client.setblocking(False)
      waits = 0
      while waits < 5:
          ready = select.select([], clients, [], 0.1)[1]
          waits = 0 if ready else waits + 1
          for client in ready:
              client.send(b"\\n" * 65536)
      assert resident(int(arguments[1])) < 100, resident(int(arguments[1]))
      client = clients[0]
      client.setblocking(True)
      assert exactly(client, 5005) == 5 * (b"p" * 1000 + b"\\n")
      """, "\(try await server.announcedPort())", "\(try await server.processIdentifier())")
  }

  @Test func `children are counted where SIGCHLD was ignored at the start`() async throws {
    let served = ServedModel(service: .echo, model: "fork")
    try await served.clients(
      """
      signal.signal(signal.SIGCHLD, signal.SIG_IGN)
      server = subprocess.Popen(["sockkit"] + arguments, restore_signals=False, stderr=subprocess.PIPE)
      port = int(server.stderr.readline().split(b":")[-1].split()[0])
      for _ in range(5):
          client = connected(port)
          ask(client)
          client.close()
      server.send_signal(signal.SIGTERM)
      server.stderr.read()
      """, arguments: served.arguments(["-m", "2"]))
  }

  @Test func `--tcp and --udp serve the same port`() async throws {
    for model in ServedModel.models {
      let served = ServedModel(service: .echo, model: model)
      let server = served.start("--tcp", "--udp", "--prefix", "echo -> ")
      let port = "\(try await server.announcedPort())"
      #expect(
        try await sockkit("connect", "127.0.0.1", port, input: .bytes(Array("a\nb\n".utf8))).text
          == "echo -> a\necho -> b\n")
      #expect(
        try await sockkit("udp-send", "--raw", "--expect", "1", "127.0.0.1", port, "datagram").text
          == "echo -> datagram")
    }
  }

  @Test func `--udp serves datagrams alone`() async throws {
    let server = RunningProgram.sockkit("echo-server", "-v", "--udp", "127.0.0.1:0")
    let port = "\(try await server.announcedPort())"
    #expect(try await sockkit("udp-send", "--raw", "--expect", "1", "127.0.0.1", port, "x").text == "x")
    #expect(try await sockkit("connect", "127.0.0.1", port).ending == .exit(69))
    server.signal(SIGTERM)
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test(arguments: [[], ["--udp"]])
  func `a Unix socket has no port to write down`(flags: [String]) async throws {
    let directory = try TemporaryDirectory()
    let arguments = ["echo-server", "--port-file", directory.file("port")] + flags
    let server = RunningProgram(.sockkit(arguments + ["unix:" + directory.file("socket")]))
    #expect(
      try await server.finished() == .usage("--port-file: a Unix socket has no port", of: "echo-server"))
  }

  @Test func `access lists are for datagrams too, and other limits are not`() async throws {
    let server = RunningProgram.sockkit(
      "echo-server", "-v", "--udp", "--deny", "127.0.0.1", "--allow", "127.0.0.0/8", "127.0.0.1:0")
    let port = "\(try await server.announcedPort())"
    #expect(
      try await sockkit("udp-send", "-W", "300ms", "--expect", "1", "127.0.0.1", port, "x").ending
        == .exit(75))
    let admitted = try await sockkit(
      "udp-send", "--raw", "--expect", "1", "-s", "127.0.0.2", "127.0.0.1", port, "x")
    #expect(admitted.text == "x", "\(admitted)")
    #expect(
      try await sockkit("echo-server", "--udp", "-m", "3", "0")
        == .usage(
          "--max-connections has no effect with --udp alone, which accepts no connections", of: "echo-server")
    )
  }

  @Test(arguments: [
    ["echo-server --udp", "echo-server --udp"],
    ["echo-server --udp --prefix x", "echo-server --udp --prefix yy"],
    ["udp-recv --reply a", "udp-recv --reply b"], ["echo-server --udp", "udp-recv --reply b"],
  ])
  func `two servers that answer each other come to an end`(servers: [String]) async throws {
    let result = try await python(
      logWords + """

        first, second = [Logged("sockkit", *words.split(), "-v", "--reuse-port", "127.0.0.1:0", stdout=subprocess.DEVNULL)
                         for words in arguments]
        ports = [int(server.place.rpartition(":")[2]) for server in (first, second)]
        forger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        forger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        forger.bind(("127.0.0.1", ports[1]))
        # Receives from nowhere else, so that the answer is not put into its queue.
        forger.connect(("127.0.0.1", 9))
        forger.sendto(b"round", ("127.0.0.1", ports[0]))
        forger.close()
        any_line((first, second), "not answering 127.0.0.1:")
        client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for port in ports:
            for _ in range(100):
                client.sendto(b"again", ("127.0.0.1", port))
                assert client.recv(100)
        first.stop()
        second.stop()
        """, servers[0], servers[1])
    #expect(result.ending == .exit(0), "\(result)")
  }

  @Test func `what was sent to many is not echoed`() async throws {
    let result = try await TwoHosts.run(
      """
      far sh -c 'echo $$ > pid; exec sockkit echo-server --udp --port-file port 0' &
      port=$(await port)
      near sockkit udp-send --broadcast -W 300ms $broadcast $port all
      near sockkit udp-send --expect 1 $far $port one
      kill $(cat pid)
      wait $!
      """)
    #expect(result.ending == .exit(0), "\(result)")
    #expect(result.text.hasSuffix("] one\n") && !result.text.contains("all"), "\(result)")
  }
}
