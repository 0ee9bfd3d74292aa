// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

@Suite(.takingTurns)
struct ListeningTests {
  @Test(arguments: [
    ("127.0.0.1 0", "127.0.0.1:PORT"), ("127.0.0.1:0", "127.0.0.1:PORT"), ("-n localhost:0 -s 127.0.0.1", ""),
    ("localhost:0 -4", "127.0.0.1:PORT"), ("[::1]:0", "[::1]:PORT"), ("::1 0", "[::1]:PORT"),
    ("0", "[::]:PORT"), (":0", "[::]:PORT"), ("* 0", "[::]:PORT"), ("-4 0", "0.0.0.0:PORT"),
    ("-6 :0", "[::]:PORT"), ("-s 127.0.0.1 -p 0", "127.0.0.1:PORT"), ("-p 0", "[::]:PORT"),
  ])
  func `the place to listen is spelled in many ways`(line: String, address: String) async throws {
    let words = ["listen", "-v", "-w", "0.1"] + line.split(separator: " ").map(String.init)
    let result = try await sockkit(words).generalized
    guard !address.isEmpty else {
      #expect(result.ending == .exit(64))
      return
    }
    #expect(result.ending == .exit(75), "\(result)")
    #expect(
      result.errorLines == [
        "sockkit: listening on \(address) (tcp)",
        "sockkit: accept on \(address): timed out, no client connected",
      ])
  }

  @Test(arguments: ["127.0.0.1", "::1"])
  func `without a host both families are served, and an IPv4 peer is shown plain`(host: String) async throws {
    let server = RunningProgram.sockkit("listen", "-v", "0", input: .file("/dev/null"))
    let port = try await server.announcedPort()
    #expect(try await sockkit("connect", host, "\(port)", input: .bytes([111, 107])) == Finished(.exit(0)))
    let end = try await server.finished().generalized
    #expect(end.ending == .exit(0))
    #expect(end.text == "ok")
    let shown = host == "::1" ? "[::1]:PORT" : "127.0.0.1:PORT"
    #expect(end.errorLines[1] == "sockkit: accepted \(shown) on \(shown) (tcp)")
  }

  @Test func `-6 without a host leaves IPv4 alone`() async throws {
    let server = RunningProgram.sockkit("listen", "-v", "-6", "0", input: .file("/dev/null"))
    let port = try await server.announcedPort()
    #expect(try await sockkit("connect", "127.0.0.1", "\(port)").ending == .exit(69))
    #expect(try await sockkit("connect", "::1", "\(port)") == Finished(.exit(0)))
  }

  @Test func `a port in use is status 73`() async throws {
    let port = SilentPort()
    #expect(
      try await sockkit("listen", "127.0.0.1", "\(port.number)")
        == Finished(.exit(73), errors: "sockkit: bind to 127.0.0.1:\(port.number): Address already in use\n"))
  }

  @Test func `a second listener on a port is refused, unless both have --reuse-port`() async throws {
    let first = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "0")
    let port = try await first.announcedPort()
    let second = try await sockkit("listen", "--reuse-port", "127.0.0.1", "\(port)")
    #expect(
      second == Finished(.exit(73), errors: "sockkit: bind to 127.0.0.1:\(port): Address already in use\n"))
    let third = RunningProgram.sockkit("listen", "-v", "--reuse-port", "127.0.0.1", "0")
    let shared = try await third.announcedPort()
    let errors = try await sockkit("listen", "-v", "-w0.1", "--reuse-port", "127.0.0.1", "\(shared)")
      .errorLines
    #expect(errors.first == "sockkit: listening on 127.0.0.1:\(shared) (tcp)")
  }

  @Test func `a port is free again at once, though old connections linger`() async throws {
    let server = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "0", "--quit-on-eof")
    let port = try await server.announcedPort()
    let client = RunningProgram.sockkit("connect", "127.0.0.1", "\(port)", "--no-shutdown")
    server.closeInput()
    await client.outputEnd()
    #expect(try await client.finish().ending == .exit(0))
    #expect(try await server.finished().ending == .exit(0))
    let next = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "\(port)")
    #expect(try await next.announcedPort() == port)
  }

  @Test func `listen stops listening once it has its connection`() async throws {
    let server = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "0")
    let port = try await server.announcedPort()
    let client = RunningProgram.sockkit("connect", "127.0.0.1", "\(port)")
    try await server.errorLine(containing: "accepted")
    client.send("x")
    try await server.output(ofAtLeast: 1)
    #expect(try await sockkit("connect", "127.0.0.1", "\(port)").ending == .exit(69))
    client.closeInput()
    #expect(try await server.finish().ending == .exit(0))
  }

  @Test func `an address that is not local is status 73`() async throws {
    #expect(
      try await sockkit("listen", "203.0.113.9", "0")
        == Finished(.exit(73), errors: "sockkit: bind to 203.0.113.9:0: Cannot assign requested address\n"))
    #expect(
      try await sockkit("connect", "-s", "203.0.113.9", "127.0.0.1", "9")
        == Finished(.exit(73), errors: "sockkit: bind to 203.0.113.9:0: Cannot assign requested address\n"))
  }

  private static let firstOpenPort =
    (try? String(contentsOfFile: "/proc/sys/net/ipv4/ip_unprivileged_port_start", encoding: .utf8)).flatMap {
      UInt16($0.trimmingCharacters(in: .whitespacesAndNewlines))
    } ?? 1024

  @Test(.enabled(if: firstOpenPort > 1, "ip_unprivileged_port_start leaves no port privileged"))
  func `a privileged port is status 77 for an ordinary user`() async throws {
    let port = Self.firstOpenPort - 1
    let script = """
      [ $(id -u) != 0 ] || drop="setpriv --bounding-set -net_bind_service"
      exec $drop sockkit listen 127.0.0.1 $1
      """
    #expect(
      try await shell(script, "\(port)")
        == Finished(.exit(77), errors: "sockkit: bind to 127.0.0.1:\(port): Permission denied\n"))
  }

  @Test func `--port-file has the decimal port and a newline, and nothing is left beside it`() async throws {
    let directory = try TemporaryDirectory()
    _ = try directory.write("old and longer\n", to: "port")
    let server = RunningProgram.sockkit("listen", "-v", "--port-file", directory.file("port"), "127.0.0.1:0")
    let port = try await server.announcedPort()
    #expect(try directory.read("port") == Array("\(port)\n".utf8))
    #expect(try await shell("ls -A $1", directory.path).text == "port\n")
    #expect(try await sockkit("connect", "127.0.0.1", "\(port)", "-q0").ending == .exit(0))
  }

  @Test func `a port file that cannot be made is status 73`() async throws {
    #expect(
      try await sockkit("listen", "--port-file", "/nonexistent/port", "127.0.0.1:0")
        == Finished(.exit(73), errors: "sockkit: create /nonexistent/port: No such file or directory\n"))
    let directory = try TemporaryDirectory()
    #expect(
      try await sockkit("listen", "--port-file", directory.path, "127.0.0.1:0")
        == Finished(.exit(73), errors: "sockkit: create \(directory.path): Is a directory\n"))
  }
}
