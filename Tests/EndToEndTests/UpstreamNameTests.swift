// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// How `proxy` looks up the names that its clients ask for.
@Suite(.takingTurns, .onPrivateNetworks)
struct UpstreamNameTests {
  /// A name server whose answers the script gives, and clients that ask a proxy for names.
  private static let words =
    logWords + """
      server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      server.bind(("127.0.0.1", 53))
      open("/etc/resolv.conf", "a").write("options timeout:30 attempts:1\\n")
      queries = {}

      def query(name):
          "Waits for a query for the address of a name, and takes it."
          while name not in queries:
              data, place = server.recvfrom(512)
              words, rest = [], data[12:]
              while rest[0]:
                  words.append(rest[1:1 + rest[0]].decode())
                  rest = rest[1 + rest[0]:]
              # Queries for IPv6 addresses find nothing.
              if rest[1:3] == b"\\x00\\x01":
                  queries[".".join(words)] = (data, place)
              else:
                  server.sendto(answer(data, 0, b""), place)
          return queries.pop(name)

      def answer(data, code, record):
          return data[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, bool(record), 0, 0) + data[12:] + record

      def refuse(name):
          data, place = query(name)
          server.sendto(answer(data, 3, b""), place)

      def resolve(name):
          data, place = query(name)
          record = b"\\xc0\\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + bytes([127, 0, 0, 1])
          server.sendto(answer(data, 0, record), place)

      target = socket.create_server(("127.0.0.1", 0))

      def ask(proxy, name):
          client = proxy.connect()
          client.sendall(f"CONNECT {name}:{target.getsockname()[1]} HTTP/1.1\\r\\n\\r\\n".encode())
          return client


      """

  @Test func `clients of further names wait, and one that leaves takes no other along`()
    async throws
  {
    let end = try await PrivateNetwork(.none).python(
      Self.words + """
        proxy = Logged("sockkit", "proxy", "-v", "-4", "-w", "60s", "127.0.0.1:0")
        slow = [ask(proxy, f"n{index}.test") for index in range(64)]
        for index in range(64):
            queries[f"n{index}.test"] = query(f"n{index}.test")
        stays, leaves = ask(proxy, "late.test"), ask(proxy, "late.test")
        proxy.line("accepted ", 66)
        refuse("n0.test")
        queries["late.test"] = query("late.test")
        reset(leaves)
        proxy.line(": Connection reset by peer")
        resolve("late.test")
        assert stays.recv(100).startswith(b"HTTP/1.1 200 ")
        assert slow[0].recv(100).startswith(b"HTTP/1.1 502 ")
        proxy.stop(signal.SIGTERM, signal.SIGTERM)
        """)
    #expect(end.ending == .exit(0), "\(end)")
  }

  @Test func `a look-up goes on without its client, and counts as one`() async throws {
    let end = try await PrivateNetwork(.none).python(
      Self.words + """
        proxy = Logged("sockkit", "proxy", "-v", "-4", "-w", "60s", "127.0.0.1:0")
        leaving = [ask(proxy, f"n{index}.test") for index in range(64)]
        for index in range(64):
            queries[f"n{index}.test"] = query(f"n{index}.test")
        for client in leaving:
            reset(client)
        proxy.line(": Connection reset by peer", 64)
        client = ask(proxy, "late.test")
        proxy.line("accepted ", 65)
        assert "late.test" not in queries and not select.select([server], [], [], 0)[0]
        refuse("n5.test")
        resolve("late.test")
        assert client.recv(100).startswith(b"HTTP/1.1 200 ")
        proxy.stop(signal.SIGTERM, signal.SIGTERM)
        """)
    #expect(end.ending == .exit(0), "\(end)")
  }

  @Test func `a public address of this machine is protected like a private one`() async throws {
    let end = try await PrivateNetwork(.none).shell(
      """
      "$(command -v ip || echo /sbin/ip)" address add 203.0.113.7/32 dev lo
      sockkit proxy --port-file port '*' 0 2> log & proxy=$!
      sockkit listen -k 203.0.113.7 8080 & server=$!
      until [ -e port ]; do sleep 0.02; done
      for port in 8080 $(cat port); do
        sockkit connect -z --retry 5s --proxy socks5://127.0.0.1:$(cat port) 203.0.113.7 $port
        echo $?
      done
      kill $proxy $server
      wait $proxy
      cat log >&2
      """)
    #expect(end.text == "77\n77\n", "\(end)")
    #expect(end.errors.contains(": the target is this proxy itself"), "\(end)")
  }

  @Test func `clients of one name share a look-up, and one that leaves does not end it`() async throws {
    let end = try await PrivateNetwork(.none).python(
      Self.words + """
        proxy = Logged("sockkit", "proxy", "-v", "-4", "-w", "60s", "127.0.0.1:0")
        leaves, stays = ask(proxy, "one.test"), ask(proxy, "one.test")
        query_of_one = query("one.test")
        proxy.line("accepted ", 2)
        reset(leaves)
        proxy.line(": Connection reset by peer")
        queries["one.test"] = query_of_one
        resolve("one.test")
        assert stays.recv(100).startswith(b"HTTP/1.1 200 ")
        proxy.stop(signal.SIGTERM, signal.SIGTERM)
        """)
    #expect(end.ending == .exit(0), "\(end)")
  }
}
