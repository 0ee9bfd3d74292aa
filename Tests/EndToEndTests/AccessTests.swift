// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

/// Which peers may connect: lists in files that are read again on SIGHUP.
@Suite(.takingTurns)
struct AccessTests {
  /// Reports for loopback addresses whether a connection from each is answered.
  private static let admitted = """
    def admitted(port, *sources):
        answers = []
        for source in sources:
            client = socket.create_connection(("127.0.0.1", int(port)), source_address=(source, 0))
            try:
                client.sendall(b"well\\n")
                answers.append(client.recv(5) == b"well\\n")
            except ConnectionError:
                answers.append(False)
            client.close()
        return answers

    """

  private static func admitted(_ port: UInt16, _ sources: String...) async throws -> String {
    let program = try Program.python(
      admitted + "say(*admitted(*arguments))", ["\(port)"] + sources)
    return try await RunningProgram(program).finished().text
  }

  @Test(arguments: [
    ["--model", "fork"], ["--model", "thread"], ["--model", "event"], ["--workers", "2"], ["--tcp", "--udp"],
  ])
  func `SIGHUP puts new lists in force, and wrong ones leave the old`(flags: [String]) async throws {
    let directory = try TemporaryDirectory()
    let allowed = try directory.write("127.0.0.2 # near\n127.0.0.3\n", to: "allowed")
    let denied = try directory.write("127.0.0.3\n", to: "denied")
    let lists = ["--allow", "127.0.0.5", "--allow-file", allowed, "--deny-file", denied]
    // A dual-stack socket, which reports IPv4 addresses as IPv4-mapped IPv6 addresses.
    let server = RunningProgram(.sockkit(["echo-server", "-v"] + flags + lists + ["0"]))
    let port = try await server.announcedPort()
    let sources = ["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"]
    func expect(_ answers: String, _ comment: Comment) async throws {
      #expect(
        try await Self.admitted(port, sources[0], sources[1], sources[2], sources[3]) == answers + "\n",
        comment)
    }
    try await expect("True False False True", "at the start")

    _ = try directory.write("127.0.0.4\n", to: "allowed")
    _ = try directory.write("", to: "denied")
    try await expect("True False False True", "before the signal")
    server.signal(SIGHUP)
    try await server.errorLine(
      containing: "reloaded the access lists: 2 networks allowed, 0 networks denied")
    try await expect("False False True True", "after the first signal")

    _ = try directory.write("127.0.0.2\noops\n", to: "allowed")
    server.signal(SIGHUP)
    let complaint = try await server.errorLine(containing: "kept the old access lists")
    #expect(
      complaint
        == "sockkit: kept the old access lists: \(allowed), line 2: 'oops' is not an address "
        + "or a network such as 192.0.2.0/24 or 2001:db8::/32")
    try await expect("False False True True", "after a wrong list")

    _ = try directory.write("127.0.0.0/8\n", to: "allowed")
    server.signal(SIGHUP)
    try await server.errorLine(containing: "2 networks allowed, 0 networks denied")
    server.signal(SIGTERM)
    let end = try await server.finished()
    #expect(end.ending == .exit(0), "\(end)")
  }

  @Test func `datagrams are answered by the lists that are in force`() async throws {
    let directory = try TemporaryDirectory()
    let denied = try directory.write("127.0.0.2\n", to: "denied")
    let server = RunningProgram.sockkit(
      "echo-server", "-v", "--udp", "--deny-file", denied, "127.0.0.1:0", input: .file("/dev/null"))
    let port = try await server.announcedPort()
    // The client that is answered sends last, so that its answer shows that the others have been processed.
    let asking = """
      clients = []
      for source in arguments[1:]:
          clients.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
          clients[-1].bind((source, 0))
          clients[-1].sendto(b"well", ("127.0.0.1", int(arguments[0])))
      assert clients[-1].recv(9) == b"well"
      say(*[bool(select.select([client], [], [], 0)[0]) for client in clients[:-1]])
      """
    #expect(
      try await python(asking, "\(port)", "127.0.0.2", "127.0.0.3").text == "False\n")
    _ = try directory.write("127.0.0.3\n", to: "denied")
    server.signal(SIGHUP)
    try await server.errorLine(containing: "all clients allowed, 1 network denied")
    #expect(
      try await python(asking, "\(port)", "127.0.0.3", "127.0.0.2").text == "False\n")
    server.signal(SIGTERM)
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test func `listen waits on for whoever may connect`() async throws {
    let directory = try TemporaryDirectory()
    let denied = try directory.write("127.0.0.0/8\n", to: "denied")
    let server = RunningProgram.sockkit(
      "listen", "--deny-file", denied, "--port-file", directory.file("port"), "127.0.0.1:0",
      input: .bytes(Array("well\n".utf8)))
    let port = try await directory.waitForPort("port")
    #expect(try await Self.admitted(port, "127.0.0.1") == "False\n")
    #expect(
      try await server.errorLine(containing: "refused 127.0.0.1:").hasSuffix(
        ": not allowed by the access list"))
    _ = try directory.write("127.0.0.2\n", to: "denied")
    server.signal(SIGHUP)
    #expect(
      try await sockkit("connect", "-z", "--retry", "10s", "127.0.0.1:\(port)").ending == .exit(0))
    let end = try await server.finished()
    #expect(end.ending == .exit(0), "\(end)")
  }

  @Test(arguments: ["fork", "thread", "event"])
  func `SIGHUP without a file is a request to stop`(model: String) async throws {
    let server = RunningProgram.sockkit(
      "echo-server", "-v", "--model", model, "--allow", "127.0.0.1", "127.0.0.1:0")
    _ = try await server.announcedPort()
    server.signal(SIGHUP)
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test func `SIGHUP reads lists again also of a server that nohup has started`() async throws {
    let directory = try TemporaryDirectory()
    let allowed = try directory.write("127.0.0.1\n", to: "allowed")
    let server = RunningProgram(
      .shell(
        "trap '' HUP; exec sockkit echo-server --log-format json --allow-file \"$1\" 127.0.0.1:0", [allowed]))
    try await server.errorLine(containing: #""event":"listening""#)
    server.signal(SIGHUP)
    try await server.errorLine(containing: #""allowedNetworks":1,"deniedNetworks":0,"event":"accessReread""#)
    try await shell("rm \"$1\"", allowed).expectSuccess()
    server.signal(SIGHUP)
    try await server.errorLine(containing: #""event":"accessKept","message":"read \#(allowed): No such file"#)
    server.signal(SIGTERM)
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test(arguments: ["echo-server", "http-server", "calc-server", "listen"])
  func `a list that cannot be read is status 66, and one that is wrong 65`(command: String) async throws {
    let directory = try TemporaryDirectory()
    let (missing, wrong) = (directory.file("missing"), try directory.write("\nlocalhost\n", to: "wrong"))
    for flag in ["--allow-file", "--deny-file"] {
      #expect(
        try await sockkit(command, flag, missing, "127.0.0.1:0")
          == Finished(.exit(66), errors: "sockkit: read \(missing): No such file or directory\n"))
      #expect(
        try await sockkit(command, flag, wrong, "127.0.0.1:0")
          == Finished(
            .exit(65),
            errors:
              "sockkit: \(wrong), line 2: 'localhost' is not an address or a network such as 192.0.2.0/24 "
              + "or 2001:db8::/32\n"))
      let message = "invalid value '' for \(flag): expected a text that is not empty"
      #expect(try await sockkit(command, flag, "", "127.0.0.1:0") == .usage(message, of: command))
    }
  }
}

extension Finished {
  /// Fails the test unless the exit status is 0.
  fileprivate func expectSuccess() throws { try #require(ending == .exit(0), "\(self)") }
}
