// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// Datagrams that DTLS protects, between two of our programs.
@Suite(.takingTurns)
struct DTLSTests {
  private static let insecure =
    "sockkit: the server is not verified (--insecure): anyone on the way can read and change the bytes\n"

  /// A program between a sender and a receiver on another port.
  ///
  /// - Parameter handling: What it does with each datagram, in Python: `data`, which is an answer if `isAnswer`, goes on
  ///   with `forward(data)`.
  private static func path(to port: UInt16, handling: String) throws -> RunningProgram {
    let body = handling.split(separator: "\n").map { "        " + $0 }.joined(separator: "\n")
    return try .python(
      """
      front, back = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
      front.bind(("127.0.0.1", 0))
      say("port", front.getsockname()[1])
      back.connect(("127.0.0.1", int(arguments[0])))
      counts, client = [0, 0], None
      while True:
          for end in select.select([front, back], [], [])[0]:
              data, peer = end.recvfrom(65536)
              isAnswer = end is back
              client = client if isAnswer else peer
              counts[isAnswer] += 1
              def forward(datagram):
                  front.sendto(datagram, client) if isAnswer else back.send(datagram)

      """ + body, "\(port)")
  }

  @Test func `messages arrive one by one from a verified sender to a verified receiver`() async throws {
    let authority = try await TestAuthority.shared()
    let receiver = RunningProgram.sockkit(
      ["udp-recv", "-v", "-c", "3", "--timeout", "20s"] + authority.server()
        + ["--tls-client-ca", authority.certificate, "127.0.0.1", "0"])
    let port = "\(try await receiver.announcedPort())"
    let identity = ["--tls-cert", authority.certificate("client"), "--tls-key", authority.key("client")]
    #expect(
      try await sockkit(
        ["udp-send"] + authority.client + identity + ["localhost", port, "one", "two", "three"])
        == Finished(.exit(0)))
    let end = try await receiver.finished()
    #expect(
      end.ending == .exit(0) && end.text == "[127.0.0.1] one\n[127.0.0.1] two\n[127.0.0.1] three\n", "\(end)")
    #expect(
      end.errors.contains(#/DTLSv1.2 with 127.0.0.1:[0-9]+: verified as client.example, ECDHE/#), "\(end)")
  }

  @Test
  func `authorities are found in a directory on both sides, although files are opened during the handshake`()
    async throws
  {
    let authority = try await TestAuthority.shared()
    let directory = try TemporaryDirectory()
    let made = try await shell(
      "cp \"$1\" \"$2\" && openssl rehash \"$2\"", authority.certificate, directory.path)
    #expect(made.ending == .exit(0), "\(made)")
    let server = RunningProgram.sockkit(
      ["udp-recv", "-c", "1", "--timeout", "20s", "-v"] + authority.server()
        + ["--tls-client-ca", directory.path, "127.0.0.1", "0"])
    let end = try await sockkit([
      "udp-send", "--tls", "--tls-ca", directory.path, "--tls-cert", authority.certificate("client"),
      "--tls-key",
      authority.key("client"), "localhost", "\(try await server.announcedPort())", "one",
    ])
    #expect(end == Finished(.exit(0)))
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test
  func `a receiver that cannot be verified gets nothing, and a sender without a certificate is refused`()
    async throws
  {
    let authority = try await TestAuthority.shared()
    let receiver = RunningProgram.sockkit(
      ["udp-recv", "-v"] + authority.server("other") + ["127.0.0.1", "0"])
    let port = "\(try await receiver.announcedPort())"
    let refused = try await sockkit(["udp-send"] + authority.client + ["localhost", port, "secret"])
    #expect(
      refused
        == Finished(
          .exit(77),
          errors:
            "sockkit: TLS with localhost:\(port): the certificate is for 'a.example, b.example', not for 'localhost'\n"
        ))
    receiver.signal(15)
    let end = try await receiver.finished()
    #expect(end.output.isEmpty, "\(end)")
    let strict = RunningProgram.sockkit(
      ["udp-recv", "-v"] + authority.server() + ["--tls-client-ca", authority.certificate, "127.0.0.1", "0"])
    let other = "\(try await strict.announcedPort())"
    let unknown = try await sockkit(["udp-send"] + authority.client + ["localhost", other, "x"])
    #expect(unknown.ending == .exit(77), "\(unknown)")
    #expect(unknown.errors.contains("the server requires a certificate (--tls-cert FILE)"), "\(unknown)")
  }

  @Test(arguments: [[1], [2, 3], [3, 4, 5]])
  func `a handshake repeats what is lost`(lost: [Int]) async throws {
    let authority = try await TestAuthority.shared()
    let server = RunningProgram.sockkit(
      ["echo-server", "-v", "--udp"] + authority.server() + ["127.0.0.1", "0"])
    let path = try Self.path(
      to: try await server.announcedPort(), handling: "if counts[isAnswer] not in \(lost): forward(data)")
    #expect(
      try await sockkit(
        ["udp-send", "--expect", "1", "-W", "20s"] + authority.client
          + ["127.0.0.1", "\(path.printedPort())", "question"])
        == Finished(.exit(0), output: "[127.0.0.1] question\n"))
  }

  @Test func `a handshake within small datagrams works, with a chain of certificates`() async throws {
    let authority = try await TestAuthority.shared()
    let server = RunningProgram.sockkit(
      ["echo-server", "-v", "--udp", "--dtls-mtu", "280"] + authority.server("chain") + ["127.0.0.1", "0"])
    let port = try await server.announcedPort()
    let sizes = try Self.path(to: port, handling: "if isAnswer: say(len(data))\nforward(data)")
    let end = try await sockkit(
      ["udp-send", "--expect", "1", "-W", "20s"] + authority.client
        + ["127.0.0.1", "\(sizes.printedPort())", "question"])
    #expect(end == Finished(.exit(0), output: "[127.0.0.1] question\n"))
    sizes.signal(15)
    let lines = try await sizes.finished().text.split(separator: "\n").dropFirst()
    let lengths = lines.compactMap { Int($0) }
    #expect(lengths.count > 4 && lengths.allSatisfy { $0 <= 280 }, "\(lengths)")
  }

  @Test func `a message that does not fit is refused before anything is sent`() async throws {
    let message = String(repeating: "x", count: 16_385)
    let end = try await sockkit(
      "udp-send", "--tls", "--insecure", "127.0.0.1", "9", "short", message)
    #expect(
      end
        == Finished(
          .exit(65),
          errors: Self.insecure
            + "sockkit: message 2 has 16385 bytes, more than the 16384 bytes that fit into one datagram over DTLS\n"
        ))
  }

  @Test func `an empty line is reported and not sent, and the longest message arrives`() async throws {
    let authority = try await TestAuthority.shared()
    let receiver = RunningProgram.sockkit(
      ["udp-recv", "-v", "--raw"] + authority.server() + ["127.0.0.1", "0"])
    let port = try await receiver.announcedPort()
    let long = String(repeating: "y", count: 16_384)
    let sender = RunningProgram.sockkit(
      ["udp-send"] + authority.client + ["localhost", "\(port)"], input: .bytes(Array("a\n\n\(long)\n".utf8)))
    #expect(
      try await sender.finished()
        == Finished(
          .exit(0),
          errors: "sockkit: send to 127.0.0.1:\(port): an empty message cannot be sent with DTLS\n"))
    try await receiver.output(ofAtLeast: long.utf8.count + 1)
    receiver.signal(15)
    #expect(try await receiver.finished().text == "a\(long)")
  }

  @Test func `the limit of sessions turns further senders away until one ends`() async throws {
    let authority = try await TestAuthority.shared()
    let receiver = RunningProgram.sockkit(
      ["udp-recv", "-v", "-m", "1"] + authority.server() + ["127.0.0.1", "0"])
    let port = "\(try await receiver.announcedPort())"
    let first = RunningProgram.sockkit(["udp-send"] + authority.client + ["localhost", port])
    first.send("first\n")
    _ = try await receiver.outputLine(containing: "first")
    let second = RunningProgram.sockkit(
      ["udp-send", "-v"] + authority.client + ["localhost", port], input: .bytes(Array("second\n".utf8)))
    _ = try await receiver.errorLine(containing: "there are 1 (-m changes the limit)")
    first.closeInput()
    #expect(try await first.finished().ending == .exit(0))
    // Its repeated ClientHello is answered now.
    _ = try await receiver.outputLine(containing: "second")
    #expect(try await second.finished().ending == .exit(0))
  }

  @Test func `a silent session ends, and the sender begins another one for the next message`() async throws {
    let authority = try await TestAuthority.shared()
    let receiver = RunningProgram.sockkit(
      ["udp-recv", "-v", "-i", "300ms"] + authority.server() + ["127.0.0.1", "0"])
    let path = try Self.path(
      to: try await receiver.announcedPort(),
      handling: "forward(data)\nif isAnswer and data[0] == 21: say('ended')")
    let sender = RunningProgram.sockkit(
      ["udp-send", "-v"] + authority.client + ["localhost", "\(try await path.printedPort())"])
    sender.send("first\n")
    _ = try await receiver.outputLine(containing: "first")
    _ = try await path.outputLine(containing: "ended")
    sender.send("second\n")
    _ = try await receiver.outputLine(containing: "second")
    sender.closeInput()
    #expect(try await sender.finished().ending == .exit(0))
  }

  @Test func `a sender that starts again from the same port gets a new session`() async throws {
    let authority = try await TestAuthority.shared()
    let receiver = RunningProgram.sockkit(["udp-recv", "-v"] + authority.server() + ["127.0.0.1", "0"])
    let port = "\(try await receiver.announcedPort())"
    // No other program sends from this address.
    let words = ["udp-send", "-p", "5353", "-s", "127.77.31.9"] + authority.client + ["127.0.0.1", port]
    let first = RunningProgram.sockkit(words)
    first.send("first\n")
    _ = try await receiver.outputLine(containing: "first")
    // It cannot say that it has ended.
    first.signal(9)
    _ = try await first.finished()
    #expect(try await sockkit(words + ["second"]).ending == .exit(0))
    _ = try await receiver.outputLine(containing: "second")
  }

  @Test func `a client without a cookie gets a request for one, and nothing is kept for it`() async throws {
    let authority = try await TestAuthority.shared()
    let receiver = RunningProgram.sockkit(
      ["udp-recv", "-v", "-m", "1"] + authority.server() + ["127.0.0.1", "0"])
    let port = try await receiver.announcedPort()
    let end = try await python(
      """
      def hello(random):
          body = b"\\xfe\\xfd" + random + b"\\0\\0" + b"\\0\\x02\\xc0\\x2b" + b"\\x01\\0"
          message = b"\\x01" + len(body).to_bytes(3, "big") + b"\\0\\0" + b"\\0\\0\\0" + len(body).to_bytes(3, "big") + body
          return b"\\x16\\xfe\\xff" + b"\\0" * 8 + len(message).to_bytes(2, "big") + message
      for number in range(2000):
          with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
              client.sendto(hello(os.urandom(32)), ("127.0.0.1", int(arguments[0])))
              answer = client.recv(2048)
              assert answer[0] == 22 and answer[13] == 3 and len(answer) < 100, answer
      say("asked")
      """, "\(port)")
    #expect(end.text == "asked\n", "\(end)")
    // The only place is still free.
    #expect(
      try await sockkit(["udp-send"] + authority.client + ["localhost", "\(port)", "x"]) == Finished(.exit(0))
    )
    _ = try await receiver.outputLine(containing: "x")
  }

  @Test func `datagrams in the name of a peer do not end its session`() async throws {
    let authority = try await TestAuthority.shared()
    let server = RunningProgram.sockkit(
      ["echo-server", "-v", "--udp"] + authority.server() + ["127.0.0.1", "0"])
    let path = try Self.path(
      to: try await server.announcedPort(),
      handling: """
        # Nothing, too little for a record, records of each epoch and length, and lengths that are wrong.
        forged = [b"", b"\\x17", b"\\x17\\xfe\\xfd" + b"\\0" * 10, bytes(13), b"\\x15\\xfe\\xfd" + b"\\0" * 8 + b"\\0\\x02\\x02\\x28"]
        for length in range(64):
            for epoch in b"\\0\\1\\2":
                head = b"\\x17\\xfe\\xfd\\0" + bytes([epoch]) + b"\\0\\0\\0\\0\\x13\\x88"
                forged.append(head + length.to_bytes(2, "big") + os.urandom(length))
                forged.append(head + (length + 1).to_bytes(2, "big") + os.urandom(length))
        for datagram in [data] + (forged if data[0] == 23 else []):
            forward(datagram)
        """)
    let end = try await sockkit(
      ["udp-send", "-v", "--expect", "3", "-W", "20s", "--interval", "50ms"] + authority.client
        + ["127.0.0.1", "\(path.printedPort())", "one", "two", "three"])
    #expect(
      end.ending == .exit(0) && end.text == "[127.0.0.1] one\n[127.0.0.1] two\n[127.0.0.1] three\n", "\(end)")
    server.signal(15)
    let served = try await server.finished()
    #expect(served.errorLines.filter { $0.contains("DTLSv1.2 with") }.count == 1, "\(served)")
  }

  @Test func `a failed handshake is reported`() async throws {
    let authority = try await TestAuthority.shared()
    let receiver = RunningProgram.sockkit(
      ["udp-recv", "-v"] + authority.server() + ["127.0.0.1", "0"])
    let port = "\(try await receiver.announcedPort())"
    let refused = try await sockkit("udp-send", "--tls", "127.0.0.1", port, "x")
    #expect(refused.ending == .exit(77), "\(refused)")
    _ = try await receiver.errorLine(containing: "the client refused our certificate (unknown CA)")
  }

  @Test func `what is no datagram of a session is dropped`() async throws {
    let authority = try await TestAuthority.shared()
    let server = RunningProgram.sockkit(
      ["echo-server", "-v", "--udp"] + authority.server() + ["127.0.0.1", "0"])
    let port = "\(try await server.announcedPort())"
    let junk = try await python(
      """
      client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      for number in range(3000):
          kind = bytes([22, 0xfe, 0xfd, 0, 0]) if number % 2 else b""
          client.sendto((kind + os.urandom(number % 1500))[:1500], ("127.0.0.1", int(arguments[0])))
      """, port)
    #expect(junk.ending == .exit(0), "\(junk)")
    #expect(
      try await sockkit(
        ["udp-send", "--expect", "1", "-W", "20s"] + authority.client + ["localhost", port, "question"])
        == Finished(.exit(0), output: "[127.0.0.1] question\n"))
  }

  @Test func `connections and datagrams of one server have one certificate, and SIGHUP rereads it for both`()
    async throws
  {
    let authority = try await TestAuthority.shared()
    let server = RunningProgram.sockkit(
      "echo-server", "-v", "--tcp", "--udp", "--tls", "--tls-self-signed", "127.0.0.1", "0")
    let port = "\(try await server.announcedPort())"
    let line = try await server.errorLine(containing: "--tls-pin")
    let pin = try #require(line.split(separator: " ").last.map(String.init))
    let pinned = ["--tls", "--tls-pin", pin]
    #expect(
      try await sockkit(["udp-send", "--expect", "1"] + pinned + ["127.0.0.1", port, "datagram"])
        == Finished(.exit(0), output: "[127.0.0.1] datagram\n"))
    let client = RunningProgram.sockkit(
      ["connect"] + pinned + ["127.0.0.1", port], input: .bytes(Array("stream".utf8)))
    #expect(try await client.finished() == Finished(.exit(0), output: "stream"))

    let directory = try TemporaryDirectory()
    let certificate = directory.file("certificate.pem")
    let copy = try await shell(
      "cat \"$1\" \"$2\" > \"$3\"", authority.certificate("other"), authority.key("other"), certificate)
    #expect(copy.ending == .exit(0), "\(copy)")
    let renewed = RunningProgram.sockkit(
      "udp-recv", "-v", "--tls", "--tls-cert", certificate, "127.0.0.1", "0")
    let other = "\(try await renewed.announcedPort())"
    let before = try await sockkit(["udp-send"] + authority.client + ["localhost", other, "before"])
    #expect(before.ending == .exit(77), "\(before)")
    let exchange = try await shell(
      "cat \"$1\" \"$2\" > \"$3\"", authority.certificate("good"), authority.key("good"), certificate)
    #expect(exchange.ending == .exit(0), "\(exchange)")
    renewed.signal(1)
    _ = try await renewed.errorLine(containing: "reloaded the certificate")
    #expect(
      try await sockkit(["udp-send"] + authority.client + ["localhost", other, "after"]) == Finished(.exit(0))
    )
    _ = try await renewed.outputLine(containing: "after")
  }

  @Test(arguments: [
    ("udp-send --tls --insecure --broadcast 127.255.255.255 9 x", "--tls and --broadcast exclude each other"),
    (
      "udp-send --tls --insecure --any-source --expect 1 127.0.0.1 9 x",
      "--tls and --any-source exclude each other"
    ),
    (
      "udp-send --tls --insecure --tls-min 1.3 127.0.0.1 9 x",
      "--tls-min 1.3: over UDP the version is DTLS 1.2"
    ),
    ("udp-send --dtls-mtu 1000 127.0.0.1 9 x", "--dtls-mtu has no effect without --tls"),
    ("udp-send --tls --insecure --dtls-mtu 100 127.0.0.1 9 x", "--dtls-mtu 100: expected 280 to 16384"),
    ("udp-recv --tls --tls-self-signed --join 239.1.2.3 9", "--tls and --join exclude each other"),
    ("udp-recv --tls --tls-self-signed --peek 9", "--tls and --peek exclude each other"),
    ("udp-recv -m 5 9", "--max-connections has no effect without --tls"),
    ("udp-recv --tls 9", "--tls requires --tls-cert FILE, or --tls-self-signed for a new certificate"),
    ("echo-server --tls --tls-self-signed --dtls-mtu 1000 9", "--dtls-mtu requires --udp and --tls"),
  ])
  func `what a session with one peer excludes is a usage error`(words: String, problem: String) async throws {
    let words = words.split(separator: " ").map(String.init)
    #expect(try await sockkit(words) == .usage(problem, of: words[0]))
  }

  @Test func `a group has no session`() async throws {
    #expect(
      try await sockkit("udp-send", "--tls", "--insecure", "239.1.2.3", "9", "x")
        == Finished(
          .exit(64),
          errors: Self.insecure
            + "sockkit: 239.1.2.3:9 is a group: TLS protects the datagrams to one receiver\n"))
  }
}
