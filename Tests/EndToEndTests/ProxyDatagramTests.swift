// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// The datagrams that `sockkit proxy` relays (UDP ASSOCIATE of SOCKS 5).
@Suite(.takingTurns)
struct ProxyDatagramTests {
  /// A client that asks for an association, and a target that returns what it receives.
  private static let words = """
    def reply(client):
        head = client.recv(4, socket.MSG_WAITALL)
        rest = client.recv(18 if head[3] == 4 else 6, socket.MSG_WAITALL)
        return head[1], socket.inet_ntop(socket.AF_INET6 if head[3] == 4 else socket.AF_INET, rest[:-2]), \\
            struct.unpack(">H", rest[-2:])[0]

    def associated(port, own=0):
        "The connection, where to send to, and the code of the reply."
        client = connected(port)
        client.sendall(b"\\x05\\x01\\x00\\x05\\x03\\x00\\x01\\x00\\x00\\x00\\x00" + struct.pack(">H", own))
        assert client.recv(2, socket.MSG_WAITALL) == b"\\x05\\x00"
        code, host, number = reply(client)
        return client, (host, number), code

    def datagrams(host="127.0.0.1"):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        bound = socket.socket(family, socket.SOCK_DGRAM)
        bound.bind((host, 0))
        return bound

    def head(host, port, fragment=0):
        try:
            address = b"\\x01" + socket.inet_pton(socket.AF_INET, host)
        except OSError:
            try:
                address = b"\\x04" + socket.inet_pton(socket.AF_INET6, host)
            except OSError:
                address = b"\\x03" + bytes([len(host)]) + host.encode()
        return bytes([0, 0, fragment]) + address + struct.pack(">H", port)

    proxy, *more = arguments


    """

  private static func relaying(_ script: String, _ options: [String] = [], place: String = "127.0.0.1")
    async throws -> Finished
  {
    let program = RunningProgram.sockkit(["proxy", "-v"] + options + ["\(place):0"])
    let client = try await python(words + script, "\(try await program.announcedPort())")
    #expect(client.ending == .exit(0), "\(client)")
    program.signal(15)
    program.signal(15)
    let end = try await program.finished()
    #expect(end.ending == .exit(0), "\(end)")
    return end
  }

  @Test(arguments: ["127.0.0.1", "localhost", "::1"])
  func `datagrams go both ways, whole, for an address and for a name`(host: String) async throws {
    let log = try await Self.relaying(
      """
      client, place, code = associated(proxy)
      assert code == 0, code
      own, target = datagrams(), datagrams("::1" if "\(host)" == "::1" else "127.0.0.1")
      port = target.getsockname()[1]
      for size in [0, 1, 1400, 60000]:
          data = os.urandom(size)
          own.sendto(head("\(host)", port) + data, place)
          received_data, source = target.recvfrom(65535)
          assert received_data == data
          target.sendto(data[::-1], source)
          answer, sender = own.recvfrom(65535)
          assert sender == place and answer == head("::1" if "\(host)" == "::1" else "127.0.0.1", port) + data[::-1]
      client.close()
      """)
    #expect(log.errors.contains("relaying datagrams of 127.0.0.1:"), "\(log)")
    #expect(log.errors.contains(": sent 61401 bytes, received 61401 bytes in "), "\(log)")
  }

  @Test func `what is no datagram of the client, or of a target, is dropped`() async throws {
    _ = try await Self.relaying(
      """
      own, target, stranger = datagrams(), datagrams(), datagrams()
      port = target.getsockname()[1]
      client, place, code = associated(proxy, own.getsockname()[1])
      stranger.sendto(head("127.0.0.1", port) + b"stranger", place)
      own.sendto(head("127.0.0.1", port, 1) + b"fragment", place)
      own.sendto(b"\\x00\\x00\\x00\\x09", place)
      own.sendto(b"", place)
      own.sendto(head("127.0.0.1", port)[:-1], place)
      own.sendto(head("a b", port) + b"no name", place)
      own.sendto(head("nosuch.invalid", port) + b"unknown", place)
      own.sendto(head("127.0.0.1", port) + b"first", place)
      data, source = target.recvfrom(100)
      assert data == b"first", data
      stranger.sendto(b"stranger", ("127.0.0.1", source[1]))
      target.sendto(b"answer", source)
      assert own.recv(100).endswith(b"answer")
      """)
  }

  @Test func `the association ends with the connection, and with -i`() async throws {
    let log = try await Self.relaying(
      """
      own, target = datagrams(), datagrams()
      port = target.getsockname()[1]
      first, place, code = associated(proxy)
      own.sendto(head("127.0.0.1", port) + b"x", place)
      target.recv(1)
      first.close()
      client, _, code = associated(proxy)
      begin = time.monotonic()
      try:
          assert client.recv(1) == b""
      except ConnectionResetError:
          pass
      assert time.monotonic() - begin > 0.2
      # The port of the first is free again.
      free = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      free.bind(place)
      """, ["-i", "300ms"])
    #expect(log.errors.contains(": timed out after 300 ms without a byte in either direction"), "\(log)")
  }

  @Test(arguments: [
    (["--deny-target", "127.0.0.1"], "127.0.0.1"), (["--deny-target", "127.0.0.1"], "::1"),
    (["--deny-target", "localhost:1-65535"], "127.0.0.1"), (["--allow-target", "127.0.0.1"], "127.0.0.2"),
    ([], "0.0.0.0"),
  ])
  func `each datagram is judged by its target`(options: [String], place: String) async throws {
    let isOpen = place == "0.0.0.0"
    _ = try await Self.relaying(
      """
      own, denied = datagrams(), datagrams()
      client, place, code = associated(proxy)
      port = denied.getsockname()[1]
      spellings = {
          "127.0.0.1": ["127.0.0.1", "localhost", "::ffff:127.0.0.1", "2130706433", "127.1"], "::1": ["localhost"],
          "127.0.0.2": ["127.0.0.2"], "0.0.0.0": ["127.0.0.1", "localhost", "0", "::ffff:127.0.0.1", "64:ff9b::7f00:1"],
      }["\(place)"]
      if "--deny-target localhost:1-65535" in "\(options.joined(separator: " "))":
          spellings = ["localhost", "LOCALHOST"]
      for spelling in spellings:
          own.sendto(head(spelling, port) + spelling.encode(), place)
      # Names are looked up in turn: the last one is behind all others.
      own.sendto(head("nosuch.invalid", port) + b"x", place)
      if "\(place)" != "0.0.0.0" and "--allow-target" not in "\(options.joined(separator: " "))":
          other = datagrams("127.0.0.9")
          own.sendto(head("127.0.0.9", other.getsockname()[1]) + b"allowed", place)
          assert other.recv(100) == b"allowed"
      denied.settimeout(0.3)
      try:
          raise AssertionError(denied.recv(100))
      except TimeoutError:
          pass
      """, options, place: isOpen ? "0.0.0.0" : "127.0.0.1")
  }

  @Test(arguments: [["--no-udp"], ["--proxy", "socks5://127.0.0.1:1"]])
  func `a proxy may relay none`(options: [String]) async throws {
    let log = try await Self.relaying("assert associated(proxy)[2] == 7", options)
    #expect(log.errors.contains(": the command 3 is not supported"), "\(log)")
  }

  @Test(arguments: ["localhost", "127.0.0.1"])
  func `udp-send has its datagrams relayed`(host: String) async throws {
    let proxy = RunningProgram.sockkit(["proxy", "-v", "127.0.0.1:0"])
    let echo = RunningProgram.sockkit(["echo-server", "-v", "--udp", "127.0.0.1:0"])
    let end = try await sockkit(
      "udp-send", "--proxy", "socks5://127.0.0.1:\(try await proxy.announcedPort())", "-W", "5s", "--expect",
      "2",
      host, "\(try await echo.announcedPort())", input: .bytes(Array("one\ntwo\n".utf8)))
    #expect(end.ending == .exit(0) && end.text == "[127.0.0.1] one\n[127.0.0.1] two\n", "\(end)")
    for program in [proxy, echo] {
      program.signal(15)
      #expect(try await program.finished().ending == .exit(0))
    }
  }

  @Test func `many datagrams are relayed for many clients`() async throws {
    _ = try await Self.relaying(
      """
      target = datagrams()
      target.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
      port = target.getsockname()[1]
      clients = [(associated(proxy), datagrams()) for _ in range(50)]
      for round in range(20):
          for number, ((client, place, code), own) in enumerate(clients):
              own.sendto(head("127.0.0.1", port) + struct.pack(">HH", number, round), place)
          for _ in clients:
              data, source = target.recvfrom(100)
              target.sendto(data, source)
          for number, (_, own) in enumerate(clients):
              assert own.recv(100)[10:] == struct.pack(">HH", number, round)
      """)
  }
}
