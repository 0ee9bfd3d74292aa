// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

@Suite(.takingTurns)
struct RecordingTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// Sends a question to a peer that replies with an answer.
  private func exchange(
    _ flags: [String], question: String = "ping", answer: String = "pong"
  ) async throws -> Finished {
    let server = try RunningProgram.python(
      """
      connection = accepted()
      received(connection)
      connection.send(arguments[0].encode())
      """, answer)
    return try await sockkit(
      ["connect", "127.0.0.1:\(server.printedPort())"] + flags, input: .bytes(Array(question.utf8)))
  }

  @Test func `--record has both directions in order, the others one each`() async throws {
    let result = try await exchange([
      "-o", directory.file("both"), "--record-sent", directory.file("sent"), "--record-received",
      directory.file("received"),
    ])
    #expect(result == Finished(.exit(0), output: "pong"))
    #expect(try directory.read("both") == Array("pingpong".utf8))
    #expect(try directory.read("sent") == Array("ping".utf8))
    #expect(try directory.read("received") == Array("pong".utf8))
  }

  @Test(arguments: ["connect", "listen"])
  func `records of a large transfer are what went over the wire, byte by byte`(role: String) async throws {
    let there = try await directory.writeRandom(mebibytes: 3, to: "there")
    let back = try await directory.writeRandom(mebibytes: 2, to: "back")
    let flags = ["--record-sent", directory.file("sent"), "--record-received", directory.file("received")]
    let server = RunningProgram(
      .sockkit(["listen", "-v", "127.0.0.1", "0"] + (role == "listen" ? flags : [])), input: .file(back),
      output: .file("/dev/null"))
    let address = "127.0.0.1:\(try await server.announcedPort())"
    let client = try await sockkit(
      ["connect", address] + (role == "connect" ? flags : []), input: .file(there), output: .file("/dev/null")
    )
    #expect(client == Finished(.exit(0)))
    #expect(try await server.finished().ending == .exit(0))
    let digests = try await directory.digests("there", "back", "sent", "received")
    #expect(role == "connect" ? digests[0] == digests[2] : digests[1] == digests[2])
    #expect(role == "connect" ? digests[1] == digests[3] : digests[0] == digests[3])
  }

  @Test func `a record has what -C and -t add and take out`() async throws {
    let server = try RunningProgram.python(
      #"""
      connection = accepted()
      connection.send(b"\xff\xfb\x01!")
      say(received(connection).hex())
      """#)
    let client = RunningProgram.sockkit(
      "connect", "-Ct", "--record-sent", directory.file("sent"), "--record-received",
      directory.file("received"),
      "127.0.0.1:\(try await server.printedPort())")
    try await client.output(ofAtLeast: 1)
    client.send("a\n")
    #expect(try await client.finish() == Finished(.exit(0), output: "!"))
    let sent = try directory.read("sent")
    #expect(Set([sent]).isSubset(of: [[255, 254, 1, 97, 13, 10], [97, 13, 10, 255, 254, 1]]))
    #expect(try directory.read("received") == [255, 251, 1, 33])
    let hexadecimal = sent.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    #expect(try await server.finished().text.hasSuffix("\n\(hexadecimal)\n"))
  }

  @Test func `--send-only records what it discards`() async throws {
    let result = try await exchange(["--send-only", "--record-received", directory.file("received")])
    #expect(result == Finished(.exit(0)))
    #expect(["", "pong"].contains(String(decoding: try directory.read("received"), as: UTF8.self)))
  }

  @Test(arguments: ["-o", "--record-sent", "--record-received", "-x"])
  func `a file that exists is left alone, and nobody is connected to`(flag: String) async throws {
    let file = try directory.write("precious", to: "file")
    let result = try await sockkit("connect", flag, file, "127.0.0.1", "1")
    #expect(
      result
        == Finished(
          .exit(73),
          errors: "sockkit: create \(file): File exists (--append continues it, --force replaces it)\n"))
    #expect(try directory.read("file") == Array("precious".utf8))
  }

  @Test(arguments: [[], ["--append"], ["--force"]])
  func `a directory is no file, and nobody is connected to`(words: [String]) async throws {
    let path = directory.path
    #expect(
      try await sockkit(["connect", "--record", path, "127.0.0.1", "1"] + words)
        == Finished(.exit(73), errors: "sockkit: create \(path): Is a directory\n"))
  }

  @Test(arguments: [("--append", "old ping"), ("--force", "ping")])
  func `--append continues a file and --force replaces it`(flag: String, content: String) async throws {
    let file = try directory.write("old ", to: "file")
    #expect(try await exchange([flag, "--record-sent", file]).ending == .exit(0))
    #expect(try directory.read("file") == Array(content.utf8))
    let other = directory.file("new \(flag)")
    #expect(try await exchange([flag, "--record-sent", other]).ending == .exit(0))
    #expect(try directory.read("new \(flag)") == Array("ping".utf8))
  }

  @Test func `without a connection no file is made`() async throws {
    let result = try await sockkit("connect", "-o", directory.file("record"), "127.0.0.1", "1")
    #expect(result.ending == .exit(69))
    #expect(!directory.has("record"))
  }

  @Test(arguments: [("no/file", "No such file or directory"), ("", "Is a directory")])
  func `a file that cannot be made is status 73`(name: String, reason: String) async throws {
    let flags = name.isEmpty ? ["--force"] : []
    let result = try await exchange(["-o", directory.file(name)] + flags)
    #expect(result == Finished(.exit(73), errors: "sockkit: create \(directory.file(name)): \(reason)\n"))
  }

  @Test(arguments: ["-o", "--record-sent", "--record-received", "-x"])
  func `a record that cannot be written is status 74, and what arrived is still written out`(
    flag: String
  ) async throws {
    let result = try await exchange([flag, "/dev/full"])
    #expect(
      result
        == Finished(
          .exit(74), output: flag == "--record-received" ? "pong" : "",
          errors: "sockkit: write /dev/full: No space left on device\n"))
  }

  @Test func `a record may go to a program`() async throws {
    let server = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "0", input: .file("/dev/null"))
    let result = try await shell(
      "mkfifo $2; tr a-z A-Z < $2 & printf hello | sockkit connect -o $2 127.0.0.1 $1; echo $?; wait",
      "\(server.announcedPort())", directory.file("fifo"))
    #expect(result.text == "0\nHELLO" || result.text == "HELLO0\n")
    #expect(try await server.finished().text == "hello")
  }
}
