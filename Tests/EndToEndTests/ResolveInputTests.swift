// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// How `resolve` reads its command line and its input, without a name server.
@Suite(.takingTurns)
struct ResolveInputTests {
  @Test func `white space, carriage returns and empty lines are no part of names`() async throws {
    #expect(
      try await sockkit(
        "resolve", "-4", "--short", input: .bytes(Array("\n\n \tlocalhost \r\n\r\nlocalhost".utf8)))
        == Finished(.exit(0), output: "127.0.0.1\n127.0.0.1\n"))
  }

  @Test func `no names are no work`() async throws {
    #expect(try await sockkit("resolve") == Finished(.exit(0)))
    #expect(try await shell("sockkit resolve <&-") == Finished(.exit(0)))
  }

  @Test func `a line that cannot be a name is status 68 and costs no other`() async throws {
    let input = Array("a\0b\n".utf8) + [0xFF, 0x0A] + [UInt8](repeating: 0x61, count: 100_000)
    let result = try await sockkit(
      "resolve", "-4", "--json", input: .bytes(input + Array("\nlocalhost\n".utf8)))
    #expect(result.ending == .exit(68), "\(result)")
    #expect(
      result.errorLines == [
        "sockkit: look up a\\x00b: the name contains a NUL",
        "sockkit: look up \\xff: the name is not UTF-8",
        "sockkit: look up \(String(repeating: "a", count: 40))…: a name has at most 1000 bytes",
      ])
    let records = try ResolveTests.records(result)
    #expect(records.map { $0.error?.code } == ["HOST_NOT_FOUND", "HOST_NOT_FOUND", "HOST_NOT_FOUND", nil])
    #expect(records.last?.name == "localhost")
  }

  @Test func `an input that cannot be read is status 66`() async throws {
    #expect(
      try await shell("sockkit resolve < /")
        == Finished(.exit(66), errors: "sockkit: read standard input: Is a directory\n"))
  }

  @Test func `answers come while names still come`() async throws {
    let program = RunningProgram.sockkit("resolve", "-4", "--short")
    program.send("localhost\n")
    try await program.outputLine(containing: "127.0.0.1")
    program.send("localhost\n")
    try await program.output(ofAtLeast: 20)
    #expect(try await program.finish() == Finished(.exit(0), output: "127.0.0.1\n127.0.0.1\n"))
  }

  @Test func `a reader that has seen enough ends it silently`() async throws {
    #expect(
      try await shell(
        "{ yes localhost | sockkit resolve -4 --short; echo $? >&2; } | head -n 1")
        == Finished(.exit(0), output: "127.0.0.1\n", errors: "141\n"))
  }

  @Test func `a full disk is status 74`() async throws {
    #expect(
      try await sockkit("resolve", "-4", "localhost", output: .file("/dev/full"))
        == Finished(.exit(74), errors: "sockkit: write standard output: No space left on device\n"))
  }

  @Test func `memory stays constant however many names there are`() async throws {
    let result = try await python(
      """
      import resource
      names = "localhost\\n" * 20000
      command = ["sockkit", "resolve", "-4", "--short", "--jobs", "2"]
      done = subprocess.run(command, input=names, stdout=subprocess.PIPE, text=True)
      peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
      say(done.returncode, done.stdout == "127.0.0.1\\n" * 20000, peak < 100 << 10 or peak)
      """)
    #expect(result == Finished(.exit(0), output: "0 True True\n"))
  }

  @Test func `an unknown service is status 68, and one of UDP alone is known`() async throws {
    #expect(
      try await sockkit("resolve", "--service", "nosuch", "localhost")
        == Finished(.exit(68), errors: "sockkit: look up service nosuch: unknown service\n"))
    #expect(
      try await sockkit("resolve", "-4", "--short", "--service", "tftp", "localhost")
        == Finished(.exit(0), output: "127.0.0.1:69\n"))
  }

  @Test(arguments: [
    ("-4 -6 x", "-4 and -6 exclude each other"),
    ("--short --json x", "--short and --json exclude each other"),
    ("--jobs 0 x", "invalid value '0' for --jobs: expected a number from 1 to 256"),
    ("--jobs -1 x", "invalid value '-1' for --jobs: expected a number from 1 to 256"),
    ("-j 257 x", "invalid value '257' for -j: expected a number from 1 to 256"),
    (
      "--service 65536 x",
      "invalid value '65536' for --service: "
        + "expected a port number from 0 to 65535 or a service name"
    ),
    (
      "--timeout x x",
      "invalid value 'x' for --timeout: "
        + "expected a duration such as 2, 0.5, 500ms, 2s, 5m30s, 1h or 14d"
    ),
  ])
  func `a bad command line is refused`(line: String, message: String) async throws {
    let words = ["resolve"] + line.split(separator: " ").map(String.init)
    #expect(try await sockkit(words) == .usage(message, of: "resolve"))
  }

  @Test func `an empty name is refused`() async throws {
    let message = "invalid value '' for NAME: expected a text that is not empty"
    #expect(try await sockkit("resolve", "localhost", "") == .usage(message, of: "resolve"))
  }
}
