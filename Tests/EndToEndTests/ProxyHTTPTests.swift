// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// Requests of HTTP that `sockkit proxy` passes on, and its users.
@Suite(.takingTurns)
struct ProxyHTTPTests {
  /// The users `me` and `you`, whose password is `secret`.
  private static let hash = "$1$saltsalt$9xy1btjgzLYfb7hivXtC//"
  /// The hash of the same password by a method that takes a quarter of a second.
  private static let slowHash =
    "$6$rounds=500000$saltsalt$fsEPmTrMK7txVikOqTfbB3C1gpKgPk/JZMljxrwVK0QxxjYgDQ8DmbZNOM9vsK/48G3J10yOuwZUi1487qkwH/"

  private static func start(_ options: String...) async throws -> (program: RunningProgram, port: String) {
    let program = RunningProgram.sockkit(["proxy", "-v"] + options + ["127.0.0.1:0"])
    return (program, "\(try await program.announcedPort())")
  }

  private static func stop(_ programs: RunningProgram...) async throws {
    for program in programs {
      program.signal(15)
      let end = try await program.finished()
      #expect(end.ending == .exit(0), "\(end)")
    }
  }

  @Test(arguments: [
    ("", "GET / HTTP/1.1\n", "\n\n"), ("--head", "HEAD / HTTP/1.1\n", "\n\n"),
    ("--data abc", "POST / HTTP/1.1\n", "\n\nabc"), ("--http1.0 --data abc", "POST / HTTP/1.0\n", "\n\nabc"),
    (
      "--header 'Transfer-Encoding: chunked' --data abc", "POST / HTTP/1.1\n", "\n\n3\nabc\n0\n\n"
    ),
    ("--header 'Expect: 100-continue' --data abc", "POST / HTTP/1.1\n", "\n\nabc"),
  ])
  func `curl's requests arrive at the origin server`(options: String, start: String, end: String) async throws
  {
    let (proxy, port) = try await Self.start()
    let server = try await python(
      """
      listener = socket.create_server(("127.0.0.1", 0))
      curl = subprocess.Popen(
          f"exec curl --silent --show-error --fail --proxy http://127.0.0.1:{arguments[0]} {arguments[1]} "
          f"http://localhost:{listener.getsockname()[1]}/", shell=True, stdout=subprocess.PIPE)
      connection = listener.accept()[0]
      request = b""
      while not request.endswith(arguments[2].replace("\\n", "\\r\\n").encode()):
          request += connection.recv(1 << 16)
          if b"Expect: 100-continue\\r\\n" in request and request.endswith(b"\\r\\n\\r\\n"):
              connection.sendall(b"HTTP/1.1 100 Continue\\r\\nConnection: x\\r\\n\\r\\n")
      connection.sendall(b"HTTP/1.1 200 OK\\r\\nConnection: keep-alive\\r\\nContent-Length: 2\\r\\n\\r\\nok")
      output = curl.communicate(timeout=20)[0]
      assert curl.returncode == 0 and (output == b"ok" or b"200 OK" in output), (curl.returncode, output)
      # curl ends, and so does the connection.
      assert received(connection) == b""
      sys.stdout.write(request.decode().replace("\\r\\n", "\\n"))
      """, port, options, end)
    #expect(server.ending == .exit(0), "\(server)")
    #expect(
      server.text.hasPrefix(start)
        && server.text.contains("\nVia: 1.\(start.contains("1.0") ? 0 : 1) sockkit\n")
        && server.text.contains("\nConnection: close\n") && !server.text.contains("Proxy-Connection"),
      "\(server.text)")
    try await Self.stop(proxy)
  }

  @Test func `a large answer arrives whole, and the kernel moves it`() async throws {
    let (proxy, port) = try await Self.start("--trace")
    let directory = try TemporaryDirectory()
    let bytes = (0..<8_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 5) }
    _ = try directory.write(bytes, to: "large")
    let server = RunningProgram.sockkit(["http-server", "-v", "127.0.0.1:0", directory.path])
    let end = try await shell(
      "exec curl --silent --show-error --proxy http://127.0.0.1:$1 http://127.0.0.1:$2/large", port,
      "\(try await server.announcedPort())")
    #expect(end.ending == .exit(0) && end.output == bytes, "\(end.errors)")
    _ = try await proxy.errorLine(containing: "splice(")
    try await Self.stop(proxy, server)
  }

  @Test func `a second request of the same connection is not passed on`() async throws {
    let (proxy, port) = try await Self.start()
    let server = try await python(
      """
      listener = socket.create_server(("127.0.0.1", 0))
      request = f"GET http://127.0.0.1:{listener.getsockname()[1]}/ HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n".encode()
      client = connected(arguments[0])
      client.sendall(request + b"GET /second HTTP/1.1\\r\\n")
      served = listener.accept()[0]
      client.sendall(b"Host: x\\r\\n\\r\\n")
      client.shutdown(socket.SHUT_WR)
      text = received(served)
      assert text.startswith(b"GET / HTTP/1.1\\r\\n") and text.endswith(b"close\\r\\n\\r\\n"), text
      assert b"second" not in text, text
      served.sendall(b"HTTP/1.1 204 No Content\\r\\n\\r\\n")
      served.close()
      assert received(client) == b"HTTP/1.1 204 No Content\\r\\nVia: 1.1 sockkit\\r\\nConnection: close\\r\\n\\r\\n"
      """, port)
    #expect(server.ending == .exit(0), "\(server)")
    try await Self.stop(proxy)
  }

  @Test func `a body that is cut or malformed resets the origin server's connection`() async throws {
    let (proxy, port) = try await Self.start()
    let server = try await python(
      """
      listener = socket.create_server(("127.0.0.1", 0))
      place = f"127.0.0.1:{listener.getsockname()[1]}"
      for framing, body in [("Content-Length: 9", "abc"), ("Transfer-Encoding: chunked", "3\\r\\nabcdef")]:
          client = connected(arguments[0])
          client.sendall(f"PUT http://{place}/ HTTP/1.1\\r\\nHost: x\\r\\n{framing}\\r\\n\\r\\n{body}".encode())
          served = listener.accept()[0]
          # The malformed body may have been found by now.
          try:
              client.shutdown(socket.SHUT_WR)
          except OSError:
              pass
          try:
              received(served)
              raise AssertionError(framing)
          except ConnectionResetError:
              pass
      """, port)
    #expect(server.ending == .exit(0), "\(server)")
    try await Self.stop(proxy)
  }

  @Test func `a server that has no answer is a bad gateway`() async throws {
    let (proxy, port) = try await Self.start()
    let closed = SilentPort()
    let client = try await python(
      """
      listener = socket.create_server(("127.0.0.1", 0))
      for target in [int(arguments[1]), listener.getsockname()[1]]:
          client = connected(arguments[0])
          client.sendall(f"GET http://127.0.0.1:{target}/ HTTP/1.0\\r\\n\\r\\n".encode())
          if target == listener.getsockname()[1]:
              served = listener.accept()[0]
              assert served.recv(1000)
              served.close()
          answer = received(client)
          assert answer.startswith(b"HTTP/1.1 502 Bad Gateway\\r\\n"), answer
      """, port, "\(closed.number)")
    #expect(client.ending == .exit(0), "\(client)")
    try await Self.stop(proxy)
  }

  @Test func `users are verified in every protocol, and read again`() async throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write("me:\(Self.hash)\n", to: "users")
    let (proxy, port) = try await Self.start("--auth-file", file)
    let server = RunningProgram.sockkit(["http-server", "-v", "--text", "hello", "127.0.0.1:0"])
    let target = "\(try await server.announcedPort())"
    func curl(_ scheme: String, _ user: String, tunnel: Bool = false) async throws -> String {
      try await shell(
        "curl --silent \(tunnel ? "--proxytunnel" : "") --proxy \"\(scheme)://\(user)127.0.0.1:$1\" http://127.0.0.1:$2/; echo \" $?\"",
        port, target
      ).text
    }
    for scheme in ["socks5", "http"] {
      #expect(try await curl(scheme, "me:secret@") == "hello 0\n")
    }
    #expect(try await curl("http", "me:secret@", tunnel: true) == "hello 0\n")
    #expect(try await curl("http", "me:wrong@") == "the user or the password is wrong\n 0\n")
    #expect(try await curl("http", "") == "a user name and a password are required\n 0\n")
    #expect(try await curl("http", "you:secret@", tunnel: true) == " 56\n")
    for user in ["me:wrong@", "you:secret@", ""] { #expect(try await curl("socks5", user) == " 97\n") }
    #expect(try await curl("socks4a", "me@") == " 97\n")
    _ = try await proxy.errorLine(containing: "connected me at 127.0.0.1:")
    _ = try directory.write("you:\(Self.hash)\n", to: "users")
    proxy.signal(1)
    _ = try await proxy.errorLine(containing: "reloaded the users: 1")
    #expect(try await curl("socks5", "you:secret@") == "hello 0\n")
    #expect(try await curl("socks5", "me:secret@") == " 97\n")
    _ = try directory.write("nonsense\n", to: "users")
    proxy.signal(1)
    _ = try await proxy.errorLine(containing: "kept the old users: \(file), line 1: not USER:HASH")
    #expect(try await curl("socks5", "you:secret@") == "hello 0\n")
    try await Self.stop(proxy, server)
  }

  @Test func `a password is not verified for clients that have reset`() async throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write("me:\(Self.hash)\nslow:\(Self.slowHash)\n", to: "users")
    let (proxy, port) = try await Self.start("--auth-file", file)
    let client = try await python(
      """
      def ask(user, password):
          client = connected(arguments[0])
          client.sendall(b"\\5\\1\\2")
          assert client.recv(2, socket.MSG_WAITALL) == b"\\5\\2"
          client.sendall(b"\\1" + bytes([len(user)]) + user + bytes([len(password)]) + password)
          return client
      for client in [ask(b"slow", b"wrong") for _ in range(20)]:
          reset(client)
      assert ask(b"me", b"secret").recv(2) == b"\\1\\0"
      """, port)
    #expect(client.ending == .exit(0), "\(client)")
    proxy.signal(15)
    proxy.signal(15)
    let log = try await proxy.finished()
    // One thread per processor may have begun with one.
    let left = log.errorLines.count { $0.hasSuffix(": Connection reset by peer") }
    #expect(left > 10, "\(log)")
  }

  @Test func `the answer to a refused request arrives although a large body is on its way`() async throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write("me:\(Self.hash)\n", to: "users")
    let (proxy, port) = try await Self.start("--auth-file", file)
    let client = try await python(
      """
      client = connected(arguments[0])
      client.sendall(b"PUT http://localhost/ HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 9000000\\r\\n\\r\\n" + bytes(2_000_000))
      assert client.recv(100).startswith(b"HTTP/1.1 407 Proxy Authentication Required\\r\\n")
      """, port)
    #expect(client.ending == .exit(0), "\(client)")
    try await Self.stop(proxy)
  }
}
