// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

@Suite(.takingTurns)
struct StatusTests {
  @Test func `a refused connection is status 69`() async throws {
    let port = SilentPort()
    #expect(
      try await sockkit("connect", "127.0.0.1", "\(port.number)")
        == Finished(.exit(69), errors: "sockkit: connect to 127.0.0.1:\(port.number): Connection refused\n"))
  }

  @Test func `a Unix socket that is not there is status 69`() async throws {
    #expect(
      try await sockkit("connect", "unix:/nonexistent/socket")
        == Finished(
          .exit(69), errors: "sockkit: connect to unix:/nonexistent/socket: No such file or directory\n"))
  }

  @Test func `an unknown host is status 68`() async throws {
    #expect(
      try await sockkit("connect", "nosuch.invalid", "80")
        == Finished(.exit(68), errors: "sockkit: look up nosuch.invalid: Name or service not known\n"))
  }

  @Test(arguments: [["connect", "127.0.0.1", "nosuchservice"], ["listen", "nosuchservice"]])
  func `an unknown service is status 68`(arguments: [String]) async throws {
    #expect(
      try await sockkit(arguments)
        == Finished(.exit(68), errors: "sockkit: look up service nosuchservice: unknown service\n"))
  }

  @Test func `a name that -n forbids to look up is status 68`() async throws {
    let message = "look up localhost: not a numeric address, and name look-ups are turned off"
    #expect(
      try await sockkit("connect", "-n", "localhost", "80")
        == Finished(.exit(68), errors: "sockkit: \(message)\n"))
  }

  @Test func `an address of the family that -4 or -6 excludes is status 68`() async throws {
    #expect(
      try await sockkit("connect", "-4", "::1", "9")
        == Finished(
          .exit(68), errors: "sockkit: address ::1: not an IPv4 address, and only those are allowed\n"))
    #expect(
      try await sockkit("connect", "-6", "127.0.0.1", "9")
        == Finished(
          .exit(68), errors: "sockkit: address 127.0.0.1: not an IPv6 address, and only those are allowed\n"))
  }

  @Test func `a source of another family than the peer is status 68`() async throws {
    #expect(
      try await sockkit("connect", "-s", "::1", "127.0.0.1", "9")
        == Finished(
          .exit(68), errors: "sockkit: connect to 127.0.0.1:9 from ::1: ::1 is IPv6, 127.0.0.1 is IPv4\n"))
  }

  @Test func `connecting without an answer is status 75`() async throws {
    let peer = try RunningProgram.python(
      """
      listener = listening(backlog=0)
      # A queue that is full ignores further requests, as a host that does not answer would.
      waiting = [socket.socket() for _ in range(4)]
      for one in waiting:
          one.setblocking(False)
          one.connect_ex(listener.getsockname())
      assert select.select([], waiting, [], 10)[1]
      say("full")
      told("done")
      """)
    let port = try await peer.printedPort()
    try await peer.outputLine(containing: "full")
    #expect(
      try await sockkit("connect", "-w", "0.3", "127.0.0.1", "\(port)")
        == Finished(.exit(75), errors: "sockkit: connect to 127.0.0.1:\(port): timed out\n"))
    #expect(
      try await sockkit("connect", "--timeout", "0.3", "127.0.0.1", "\(port)")
        == Finished(.exit(75), errors: "sockkit: connect to 127.0.0.1:\(port): timed out\n"))
    peer.send("done\n")
    #expect(try await peer.finished().ending == .exit(0))
  }

  @Test(arguments: ["-w", "--connect-timeout", "--timeout"])
  func `listening without a client is status 75`(flag: String) async throws {
    let errors = "sockkit: accept on 127.0.0.1:PORT: timed out, no client connected\n"
    #expect(
      try await sockkit("listen", flag, "100ms", "127.0.0.1", "0").generalized
        == Finished(.exit(75), errors: errors))
  }

  @Test(arguments: ["connect", "listen"])
  func `a connection without a byte for as long as -i allows is status 75`(role: String) async throws {
    let server = RunningProgram.sockkit("listen", role == "listen" ? "-i0.3" : "-i0", "-v", "127.0.0.1", "0")
    let port = try await server.announcedPort()
    let client = RunningProgram.sockkit("connect", role == "connect" ? "-i0.3" : "-i0", "127.0.0.1:\(port)")
    let end = try await (role == "connect" ? client : server).finished().generalized
    #expect(end.ending == .exit(75), "\(end)")
    #expect(
      end.errorLines.last
        == "sockkit: connection with 127.0.0.1:PORT: timed out after 300 ms without a byte in either direction"
    )
  }

  @Test(arguments: ["connect", "listen"])
  func `a connection that is not finished when --timeout is over is status 75`(role: String) async throws {
    let server = RunningProgram.sockkit(
      "listen", "-v", "127.0.0.1", "0", "--timeout", role == "listen" ? "6" : "0",
      input: .file("/dev/zero"), output: .file("/dev/null"))
    let client = RunningProgram.sockkit(
      "connect", "127.0.0.1:\(try await server.announcedPort())", "--timeout", role == "connect" ? "6" : "0",
      output: .file("/dev/null"))
    let end = try await (role == "connect" ? client : server).finished().generalized
    #expect(end.ending == .exit(75), "\(end)")
    #expect(
      end.errorLines.last
        == "sockkit: connection with 127.0.0.1:PORT: not finished within the time allowed (--timeout)")
  }

  @Test(arguments: ["connect", "listen"])
  func `a full disk is status 74`(role: String) async throws {
    let server = RunningProgram.sockkit(
      "listen", "-v", "127.0.0.1", "0", output: .file(role == "listen" ? "/dev/full" : "/dev/null"))
    let client = RunningProgram.sockkit(
      "connect", "127.0.0.1:\(try await server.announcedPort())",
      output: .file(role == "connect" ? "/dev/full" : "/dev/null"))
    let (writer, sender) = role == "connect" ? (client, server) : (server, client)
    sender.send("bytes")
    let end = try await writer.finished()
    #expect(end.ending == .exit(74), "\(end)")
    #expect(end.errorLines.last == "sockkit: write standard output: No space left on device")
    // What the sender has sent must not count as written.
    let sent = try await sender.finished()
    #expect(sent.ending == .exit(74), "\(sent)")
    #expect(sent.errors.hasSuffix(": Connection reset by peer\n"), "\(sent)")
  }

  @Test(arguments: [[], ["-k", "-m1"]])
  func `an input that cannot be read is status 66, and the peer does not take it for an end`(
    flags: [String]
  ) async throws {
    let words = Finished(.exit(66), errors: "sockkit: read standard input: Is a directory\n")
    let server = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "0", input: .file("/dev/null"))
    let port = try await server.announcedPort()
    #expect(try await sockkit("connect", "127.0.0.1", "\(port)", input: .file("/")) == words)
    let cut = try await server.finished()
    #expect(cut.ending == .exit(74), "\(cut)")
    let listener = RunningProgram(
      .sockkit(["listen", "-v"] + flags + ["127.0.0.1", "0"]), input: .file("/"))
    let client = try await sockkit(
      "connect", "127.0.0.1:\(listener.announcedPort())", input: .file("/dev/null"))
    #expect(client.ending == .exit(74), "\(client)")
    let end = try await listener.finished()
    #expect(end.ending == .exit(66) && end.errorLines.last == "\(words.errors.dropLast())", "\(end)")
  }

  @Test func `a standard output that cannot be written is status 74`() async throws {
    let server = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "0", input: .bytes([1]))
    #expect(
      try await shell("sockkit connect 127.0.0.1 $1 1< /dev/null", "\(server.announcedPort())")
        == Finished(.exit(74), errors: "sockkit: write standard output: Bad file descriptor\n"))
  }

  @Test func `too few descriptors are status 71`() async throws {
    // The standard streams take three and the listener the fourth; none is left for the other things to wait for.
    let result = try await shell("ulimit -n 4; exec sockkit listen 127.0.0.1 0")
    #expect(result.ending == .exit(71), "\(result)")
    #expect(result.errorLines.count == 1)
    #expect(result.errors.hasPrefix("sockkit: create "), "\(result)")
    #expect(result.errors.hasSuffix(": Too many open files\n"), "\(result)")
  }

  @Test func `--help and --version are status 0, on standard output`() async throws {
    for arguments in [["--version"], ["connect", "--version"]] {
      let result = try await sockkit(arguments)
      #expect(result.ending == .exit(0))
      #expect(result.errors.isEmpty)
      // The commit is included if the build was given it.
      #expect(result.text.contains(/^sockkit 0\.1\.0( \([0-9a-f]{7,}(-dirty)?\))?\n$/), "\(result)")
    }
    for arguments in [["--help"], ["connect", "--help"], ["listen", "-h"]] {
      let result = try await sockkit(arguments)
      #expect(result.ending == .exit(0))
      #expect(result.errors.isEmpty)
      #expect(result.text.hasPrefix("Usage: sockkit "))
    }
  }
}
