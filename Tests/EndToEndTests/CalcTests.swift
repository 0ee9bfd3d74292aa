// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// `calc` without a terminal, mostly with a server in Python.
@Suite(.takingTurns)
struct CalcTests {
  /// A server that serves every client, one after another.
  static func server() throws -> RunningProgram {
    try .python(
      PythonCalculator.text + """
        listener = listening()
        while True:
            serve(listener.accept()[0])
        """)
  }

  /// A server that runs a script on the first connection, and stays until it is killed.
  private static func server(_ script: String) throws -> RunningProgram {
    try .python(PythonCalculator.text + "connection = accepted()\n" + script + "\nsignal.pause()")
  }

  @Test func `expressions of the command line have one result a line`() async throws {
    let server = try Self.server()
    let port = "\(try await server.printedPort())"
    #expect(
      try await sockkit(
        "calc", "127.0.0.1", port, "2 * (3 + 4)", #""a" + "b\n" + "c""#, "1/4", "1e16*1", "2^1")
        == Finished(
          .exit(65), output: "14\nab\nc\n0.25\n1e+16\n",
          errors: "sockkit: expression 5: column 2: expected an operator, not '^'\n"))
    #expect(try await sockkit("calc", "127.0.0.1:\(port)", "--", "-3+4") == Finished(.exit(0), output: "1\n"))
    #expect(
      try await sockkit("calc", "127.0.0.1", port, "1/0")
        == Finished(.exit(65), errors: "sockkit: division by zero\n"))
    let unquoted = try await sockkit("calc", "127.0.0.1", port, "2", "*", "3")
    #expect(unquoted.ending == .exit(65) && unquoted.text == "2\n3\n")
    #expect(
      unquoted.errorLines.last
        == "sockkit: each word is a separate expression: quote one with spaces or '*', as in '2 * 3'",
      "\(unquoted)")
    let power = Array(repeating: "10000000000", count: 20).joined(separator: "*")
    #expect(
      try await sockkit("calc", "127.0.0.1", port, power)
        == Finished(.exit(0), output: "1" + String(repeating: "0", count: 200) + "\n"))
  }

  @Test func `a batch goes on behind a bad line, and says which it was`() async throws {
    let server = try Self.server()
    let port = "\(try await server.printedPort())"
    let input = "1+1\n\n1/0\r\n(\n\"a\" + 1\n2*3*7"
    #expect(
      try await sockkit("calc", "127.0.0.1", port, input: .bytes(Array(input.utf8)))
        == Finished(
          .exit(65), output: "2\n42\n",
          errors: """
            sockkit: line 3: division by zero
            sockkit: line 4: column 2: expected a number, a text, '-' or '(', but the expression ends
            sockkit: line 5: wrong type: add takes numbers, not text

            """))
  }

  @Test func `results come while expressions still come`() async throws {
    let server = try Self.server()
    let client = RunningProgram.sockkit("calc", "127.0.0.1", "\(try await server.printedPort())")
    client.send("1+1\n")
    try await client.outputLine(containing: "2")
    client.send("40+2\n")
    try await client.outputLine(containing: "42")
    #expect(try await client.finish() == Finished(.exit(0), output: "2\n42\n"))
  }

  @Test func `many expressions are under way at a time`() async throws {
    let server = try Self.server(
      """
      stream = connection.makefile("rwb")
      asked = [(stream.read(1)[0], take(stream), take(stream)) for _ in range(100)]
      stream.write(b"".join(answer(*question) for question in asked))
      stream.flush()
      say("rest", received(connection))
      """)
    let port = "\(try await server.printedPort())"
    let input = (1...100).map { "\($0)*2\n" }.joined()
    #expect(
      try await sockkit("calc", "127.0.0.1", port, input: .bytes(Array(input.utf8)))
        == Finished(.exit(0), output: (1...100).map { "\($0 * 2)\n" }.joined()))
    #expect(try await server.outputLine(containing: "rest") == #"rest b'\x00'"#)
  }

  @Test func `a server that does not read while its answers are not taken does not hang it`() async throws {
    let server = try Self.server()
    let port = "\(try await server.printedPort())"
    let result = try await shell(
      """
      text=$(head -c 30000 /dev/zero | tr '\\0' x)
      for i in $(seq 1000); do echo "\\"$text\\" + \\"$i\\""; done | sockkit calc 127.0.0.1 "$1" | cksum
      for i in $(seq 1000); do echo "$text$i"; done | cksum
      """, port)
    let sums = result.text.split(separator: "\n")
    #expect(sums.count == 2 && sums[0] == sums[1], "\(result)")
  }

  @Test func `a server that is gone is status 74, and what it answered is printed`() async throws {
    let server = try Self.server(
      """
      stream = connection.makefile("rwb")
      stream.write(answer(stream.read(1)[0], take(stream), take(stream)))
      stream.flush()
      stream.close()
      connection.close()
      """)
    let port = try await server.printedPort()
    let client = RunningProgram.sockkit("calc", "127.0.0.1", "\(port)")
    client.send("1+1\n")
    try await client.outputLine(containing: "2")
    #expect(
      try await client.finished().generalized
        == Finished(
          .exit(74), output: "2\n",
          errors: "sockkit: receive from 127.0.0.1:PORT: the server has closed the connection\n"))
  }

  @Test func `what a server says before it closes is said, and what it left open is status 74`() async throws
  {
    let server = try Self.server(
      """
      stream = connection.makefile("rb")
      stream.read(1), take(stream), take(stream)
      connection.sendall(b"\\1" + encoded("an operand is \\x1b[31mover the limit"))
      connection.shutdown(socket.SHUT_WR)
      """)
    let port = "\(try await server.printedPort())"
    #expect(
      try await sockkit("calc", "127.0.0.1", port, "1+1", "2+2").generalized
        == Finished(
          .exit(74),
          errors: """
            sockkit: expression 1: an operand is \\x1b[31mover the limit
            sockkit: receive from 127.0.0.1:PORT: the server has closed the connection

            """))
  }

  @Test(arguments: [
    ("HTTP/1.1 400 Bad Request", "unknown status 72; it may not be a calculation server"),
    ("\\0x", "unknown operand type 120; it may not be a calculation server"),
    (
      "\\0s\\0\\0\\0\\x09",
      "an operand of 9 bytes is over the limit of 8; it may not be a calculation server"
    ),
    ("\\0i\\0\\0\\0\\x01\\5", "a result that concatenate cannot have for these operands"),
  ])
  func `an answer that is none is status 76`(bytes: String, message: String) async throws {
    let padding = bytes == "\\0x" ? "\\0\\0\\0\\0" : ""
    let server = try Self.server("connection.recv(1); connection.sendall(b'\(bytes)\(padding)')")
    let port = "\(try await server.printedPort())"
    #expect(
      try await sockkit("calc", "127.0.0.1", port, #""a" + "b""#).generalized
        == Finished(.exit(76), errors: "sockkit: receive from 127.0.0.1:PORT: \(message)\n"))
  }

  @Test func `a server that does not answer is status 75`() async throws {
    let server = try Self.server("received(connection)")
    let port = "\(try await server.printedPort())"
    #expect(
      try await sockkit("calc", "-i", "200ms", "127.0.0.1", port, "1+1").generalized
        == Finished(
          .exit(75),
          errors:
            "sockkit: session with 127.0.0.1:PORT: timed out after 200 ms without a byte in either direction\n"
        ))
  }

  @Test func `nobody there is status 69, and a reader that has seen enough ends it silently`() async throws {
    let silent = SilentPort()
    #expect(
      try await sockkit("calc", "127.0.0.1", "\(silent.number)", "1+1")
        == Finished(.exit(69), errors: "sockkit: connect to 127.0.0.1:\(silent.number): Connection refused\n")
    )
    let server = try Self.server()
    let port = "\(try await server.printedPort())"
    #expect(
      try await shell("{ yes '1+1' | sockkit calc 127.0.0.1 $1; echo $? >&2; } | head -n 1", port)
        == Finished(.exit(0), output: "2\n", errors: "141\n"))
  }

  @Test func `-v says how much was exchanged`() async throws {
    let server = try Self.server()
    let port = "\(try await server.printedPort())"
    let result = try await sockkit("calc", "-v", "127.0.0.1", port, "1+1").generalized
    let lines = [
      "sockkit: connected to 127.0.0.1:PORT from 127.0.0.1:PORT (tcp)",
      "sockkit: closed 127.0.0.1:PORT: sent 28 bytes, received 14 bytes in T",
    ]
    #expect(result.errorLines == lines, "\(result)")
    #expect(result.text == "2\n")
  }

  @Test func `memory stays constant however many expressions there are`() async throws {
    let server = try Self.server()
    let result = try await python(
      """
      import resource
      command = ["sockkit", "calc", "127.0.0.1", arguments[0]]
      done = subprocess.run(command, input="1+1\\n" * 50000, stdout=subprocess.PIPE, text=True)
      peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
      say(done.returncode, done.stdout == "2\\n" * 50000, peak < 100 << 10 or peak)
      """, "\(try await server.printedPort())")
    #expect(result == Finished(.exit(0), output: "0 True True\n"))
  }

  @Test(arguments: [
    ([], "no address given: expected HOST PORT or HOST:PORT"),
    (["5005"], "'5005' is only one word: expected HOST PORT or HOST:PORT"),
    (["-4", "-6", "localhost", "5005"], "-4 and -6 exclude each other"),
  ])
  func `a bad command line is refused`(arguments: [String], message: String) async throws {
    #expect(try await sockkit(["calc"] + arguments) == .usage(message, of: "calc"))
  }
}
