// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// A host name that has several addresses is bound at all of them, with one port.
@Suite(.takingTurns, .onPrivateNetworks)
struct SeveralAddressesTests {
  private static let network = PrivateNetwork(
    .none,
    hosts: """
      ::1 localhost
      192.0.2.1 partly
      127.0.0.1 partly
      192.0.2.1 nowhere
      127.0.0.2 pair
      127.0.0.3 pair
      127.0.0.2 many
      127.0.0.3 many
      127.0.0.4 many
      127.0.0.5 many
      127.0.0.6 many
      127.0.0.7 many
      """)

  private static let servers = [
    "http-server 0", "http-server localhost:0", "http-server --model fork localhost:0",
    "echo-server --model thread localhost:0", "calc-server --workers 2 localhost:0",
    "echo-server --tcp --udp localhost:0", "listen -k localhost:0", "listen -k 0 --sh-exec cat",
    "listen -k --stats localhost:0 --sh-exec cat", "forward localhost:0 127.0.0.1:9",
  ]

  private static func python(_ script: String) async throws -> Finished {
    try await network.python(
      logWords + """

        def reached(server, host):
            "Connects; what the server does then may be to reset."
            try:
                socket.create_connection((host, int(server.place.rpartition(":")[2]))).close()
            except ConnectionResetError:
                pass

        """ + script)
  }

  @Test(arguments: servers)
  func `localhost is bound in both families`(line: String) async throws {
    let result = try await Self.python(
      """
      server = Logged("sockkit", *"\(line)".replace(" ", " -v ", 1).split())
      server.line("listening on 127.0.0.1:")
      second = server.line("listening on [::1]:")
      assert server.line("listening on 127.0.0.1:").split(":")[-1] == second.split(":")[-1], server.lines
      for _ in range(3):
          reached(server, "127.0.0.1")
          reached(server, "::1")
      server.line("accepted 127.0.0.1:", 3)
      server.line("accepted [::1]:", 3)
      server.stop()
      """)
    #expect(result.ending == .exit(0), "\(result)")
  }

  @Test func `--blocking waits at one address only`() async throws {
    let result = try await Self.python(
      """
      done = subprocess.run(["sockkit", "listen", "--blocking", "pair:0"], capture_output=True, text=True, timeout=20)
      print(done.returncode, done.stderr, end="")
      """)
    #expect(
      result.text == "64 sockkit: --blocking waits at one address only, and pair:0 has several\n", "\(result)"
    )
  }

  @Test(arguments: ["nc", "ncat"])
  func `the time of -w is that of each address, so that the last of many is tried`(name: String) async throws
  {
    let result = try await Self.python(
      """
      last = socket.create_server(("127.0.0.7", 0))
      port = last.getsockname()[1]
      # A full backlog drops further attempts without an answer.
      silent = [socket.create_server((f"127.0.0.{n}", port), backlog=0) for n in range(2, 7)]
      fillers = [socket.create_connection(s.getsockname()) for s in silent]
      program = subprocess.Popen(
          ["sockkit", "\(name)", "-w", "1", "many", str(port)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
      connection, _ = last.accept()
      connection.sendall(b"hello")
      connection.close()
      print(program.stdout.read(), program.wait(20))
      """)
    #expect(result.text == "b'hello' 0\n", "\(result)")
  }

  @Test func `listen takes its one connection at any of the addresses`() async throws {
    for host in ["127.0.0.1", "::1"] {
      let result = try await Self.python(
        """
        server = Logged("sockkit", "listen", "-v", "localhost:0")
        reached(server, "\(host)")
        assert server.process.wait(20) == 0, server.lines
        """)
      #expect(result.ending == .exit(0), "\(result)")
    }
  }

  @Test(arguments: [["udp-recv", "--echo"], ["echo-server", "--udp"], ["echo-server", "--tcp", "--udp"]])
  func `datagrams are answered from the address that was asked`(words: [String]) async throws {
    let result = try await Self.python(
      """
      server = Logged("sockkit", *\(words), "-v", "localhost:0")
      server.line("listening on [::1]:")
      port = int(server.place.rpartition(":")[2])
      for _ in range(3):
          for family, host in [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]:
              client = socket.socket(family, socket.SOCK_DGRAM)
              client.connect((host, port))
              client.send(host.encode())
              assert client.recv(100) == host.encode()
      server.stop()
      """)
    #expect(result.ending == .exit(0), "\(result)")
  }

  @Test func `an address that this machine does not have is skipped`() async throws {
    let result = try await Self.network.shell(
      """
      sockkit listen -v -w 0.1 partly 0 2>&1 | sed '/sandbox: /d; s/:[0-9]\\{2,\\}/:PORT/g'
      sockkit listen -w 0.1 nowhere 7000; echo $?
      sockkit listen -k 127.0.0.1 7000 & server=$!
      until sockkit connect -z 127.0.0.1 7000; do :; done 2> /dev/null
      sockkit listen -w 0.1 localhost 7000; echo $?
      kill $server
      """)
    #expect(
      result.text == """
        sockkit: bind to 192.0.2.1:PORT: Cannot assign requested address
        sockkit: listening on 127.0.0.1:PORT (tcp)
        sockkit: accept on 127.0.0.1:PORT: timed out, no client connected
        73
        73

        """, "\(result)")
    #expect(
      result.errorLines == [
        "sockkit: bind to 192.0.2.1:7000: Cannot assign requested address",
        "sockkit: bind to 127.0.0.1:7000: Address already in use",
      ], "\(result)")
  }

  @Test func `a port that the kernel chooses is free at all addresses`() async throws {
    // Most ports are taken at the second address; Linux prefers the odd ones of the lower half.
    let result = try await Self.network.python(
      logWords + """

        open("/proc/sys/net/ipv4/ip_local_port_range", "w").write("40000 40063")
        free = (40007, 40011, 40021, 40029)
        taken = [socket.create_server(("127.0.0.3", port)) for port in range(40000, 40064) if port not in free]
        server = Logged("sockkit", "http-server", "-v", "pair:0")
        port = server.place.removeprefix("127.0.0.2:")
        assert int(port) in free, server.lines
        server.line("listening on 127.0.0.3:" + port)
        server.stop()
        """)
    #expect(result.ending == .exit(0), "\(result)")
  }

  @Test func `on a terminal a server says where it listens`() async throws {
    let result = try await Self.network.python(
      """
      for words in ["listen -k 7000", "http-server 7001", "forward 7002 127.0.0.1:9", "echo-server --udp 7003"]:
          ours, theirs = terminal()
          server = subprocess.Popen(["sockkit"] + words.split(), stdin=subprocess.DEVNULL, stderr=theirs)
          os.close(theirs)
          text = b""
          while not text.endswith(b"p)\\r\\n") and not text.endswith(b"p)\\n"):
              text += os.read(ours, 1000)
          assert b"sockkit: listening on " in text and b":700" in text, text
          server.terminate()
          assert server.wait(20) in (0, -15), server.returncode
      """)
    #expect(result.ending == .exit(0), "\(result)")
  }
}
