// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

@Suite(.takingTurns)
struct SignalTests {
  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func `a signal ends a relay, as a shell sees it`(signal: Int32) async throws {
    let server = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "0")
    let client = RunningProgram.sockkit("connect", "127.0.0.1:\(try await server.announcedPort())")
    client.send("x")
    try await server.output(ofAtLeast: 1)
    client.signal(signal)
    #expect(try await client.finished() == Finished(.signal(signal)))
    // The bytes that have arrived are not taken for the complete stream.
    let end = try await server.finish()
    #expect(end.ending == .exit(74) && end.text == "x", "\(end)")
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func `a signal ends the wait for a connection`(signal: Int32) async throws {
    let server = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "0")
    _ = try await server.announcedPort()
    server.signal(signal)
    #expect(try await server.finished().ending == .signal(signal))
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `a signal ends an attempt to connect`(signal: Int32) async throws {
    let port = SilentPort()
    let client = RunningProgram.sockkit("connect", "--trace", "--retry", "1m", "127.0.0.1", "\(port.number)")
    try await client.errorLine(containing: "ECONNREFUSED")
    client.signal(signal)
    #expect(try await client.finished().ending == .signal(signal))
  }

  @Test func `a signal that was ignored at the start stays ignored`() async throws {
    let server = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "0", input: .file("/dev/null"))
    let port = try await server.announcedPort()
    let client = RunningProgram(.shell("trap '' HUP; exec sockkit connect -v 127.0.0.1 $1", ["\(port)"]))
    try await client.errorLine(containing: "connected")
    client.signal(SIGHUP)
    client.send("still here")
    let end = try await client.finish()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(try await server.finished().text == "still here")
  }

  @Test(arguments: ["True", "False"])
  func `a closed standard output ends it by SIGPIPE, silently`(isIgnoredByParent: String) async throws {
    let result = try await python(
      """
      listener = socket.create_server(("127.0.0.1", 0))
      client = subprocess.Popen(
          ["sockkit", "connect", "127.0.0.1", str(listener.getsockname()[1])], stdin=subprocess.PIPE,
          stdout=subprocess.PIPE, stderr=subprocess.PIPE, restore_signals=arguments[0] == "False")
      connection = listener.accept()[0]
      client.stdout.close()
      connection.sendall(bytes(1000))
      say(client.wait(20), client.stderr.read())
      """, isIgnoredByParent)
    #expect(result == Finished(.exit(0), output: "-13 b''\n"))
  }

  @Test func `head takes its line and the pipeline ends`() async throws {
    let server = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "0", input: .file("/dev/zero"))
    // Without a half-close, so that the server cannot take the end of the connection for an orderly one.
    let script = "{ sockkit connect --recv-only 127.0.0.1 $1; echo $? >&2; } | head -c 1 | wc -c"
    let result = try await shell(script, "\(server.announcedPort())")
    #expect(result == Finished(.exit(0), output: "1\n", errors: "141\n"))
    #expect(try await server.finished().ending == .exit(74))
  }

  @Test func `help into a closed pipe ends by SIGPIPE, silently`() async throws {
    let result = try await python(
      """
      ours, theirs = os.pipe()
      os.close(ours)
      say(subprocess.run(["sockkit", "--help"], stdout=theirs, stderr=subprocess.PIPE))
      """)
    #expect(result.text.contains("returncode=-13, stderr=b''"), "\(result)")
  }

  @Test(arguments: ["pipe", "terminal", "socket"], ["end", "TERM", "KILL"])
  func `shared standard streams keep their blocking mode`(medium: String, ending: String) async throws {
    let result = try await python(
      """
      medium, ending = arguments
      def pair():
          if medium == "pipe":
              theirs, ours = os.pipe()
              return ours, theirs
          if medium == "terminal":
              return terminal()
          ours, theirs = socket.socketpair()
          ours.setblocking(True)
          theirs.setblocking(True)
          return ours.detach(), theirs.detach()
      listener = socket.create_server(("127.0.0.1", 0))
      to_input, input = pair()
      if medium == "pipe":
          from_output, output = os.pipe()
          from_errors, errors = os.pipe()
      else:
          from_output, output = pair()
          from_errors, errors = pair()
      streams = input, output, errors
      client = subprocess.Popen(
          ["sockkit", "connect", "-v", "127.0.0.1", str(listener.getsockname()[1])],
          stdin=input, stdout=output, stderr=errors)
      connection = listener.accept()[0]
      os.write(to_input, b"out\\n")
      assert connection.recv(4, socket.MSG_WAITALL) == b"out\\n"
      connection.sendall(b"in\\n")
      assert os.read(from_output, 3) == b"in\\n"
      say([nonblocking(stream) for stream in streams])
      if ending == "end":
          os.write(to_input, b"\\x04") if medium == "terminal" else os.close(to_input)
          connection.close()
      else:
          client.send_signal(getattr(signal, "SIG" + ending))
      say(client.wait(20), [nonblocking(stream) for stream in streams])
      """, medium, ending)
    let status = ["end": "0", "TERM": "-15", "KILL": "-9"][ending] ?? ""
    let blocking = "[False, False, False]"
    #expect(result == Finished(.exit(0), output: "\(blocking)\n\(status) \(blocking)\n"))
  }

  @Test func `a program that is stopped and continued loses nothing`() async throws {
    let directory = try TemporaryDirectory()
    let file = try await directory.writeRandom(mebibytes: 32, to: "file")
    let result = try await python(
      """
      listener = socket.create_server(("127.0.0.1", 0))
      client = subprocess.Popen(
          ["sockkit", "connect", "127.0.0.1", str(listener.getsockname()[1])], stdin=open(arguments[0]))
      connection = listener.accept()[0]
      digest = hashlib.sha256()
      for _ in range(20):
          digest.update(connection.recv(1 << 16))
          client.send_signal(signal.SIGSTOP)
          os.waitid(os.P_PID, client.pid, os.WSTOPPED)
          client.send_signal(signal.SIGCONT)
      digest.update(received(connection))
      connection.close()
      say(digest.hexdigest(), client.wait(20))
      """, file)
    #expect(result == Finished(.exit(0), output: "\(try await directory.digests("file")[0]) 0\n"))
  }
}
