// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// An answer that is cut off resets the connection, and the log has the number of bytes that the client's system
/// received.
@Suite(.takingTurns)
struct ServerCutOffTests {
  /// The reason for which an answer is cut off.
  enum Cause: CaseIterable {
    case idle
    case grace
    case secondSignal
    case shorterFile
  }

  /// A client that waits for a reset before it reads on, so that only the bytes sent before it are left to read.
  private static let words =
    logWords + """

      def cut_off(client):
          waiting = select.poll()
          waiting.register(client, 0)
          assert waiting.poll(20000), "nothing happened to the connection"
          count = 0
          try:
              while part := client.recv(1 << 16):
                  count += len(part)
          except ConnectionResetError:
              return count
          raise AssertionError(f"an orderly end after {count} bytes")

      """

  @Test(arguments: ServedModel.models, Cause.allCases)
  func `an answer that is cut off ends with a reset`(model: String, cause: Cause) async throws {
    let directory = try TemporaryDirectory()
    let limits =
      switch cause {
      case .idle: ["-i", "300ms"]
      case .grace: ["--grace", "200ms"]
      case .secondSignal, .shorterFile: ["--grace", "1h"]
      }
    let result = try await RunningProgram(
      .python(
        Self.words + """
          cause, path = arguments[0], arguments[1]
          with open(path, "wb") as file:
              file.truncate(64 << 20)
          server = Logged("sockkit", "http-server", "-v", "--file", path, *arguments[2:])
          client = server.connect()
          client.sendall(b"GET / HTTP/1.1\\r\\nHost: here\\r\\n\\r\\n")
          head = client.recv(1000, socket.MSG_PEEK)
          header = head.index(b"\\r\\n\\r\\n") + 4
          if cause == "shorterFile":
              os.truncate(path, 1000)
              try:
                  received(client)
                  raise AssertionError("an orderly end")
              except ConnectionResetError:
                  pass
              server.line("read a file that is being sent: Input/output error")
              server.stop()
              sys.exit(0)
          if cause == "grace":
              server.process.send_signal(signal.SIGTERM)
          if cause == "secondSignal":
              server.process.send_signal(signal.SIGTERM)
              while True:
                  try:
                      server.connect().close()
                  except (ConnectionRefusedError, ConnectionResetError):
                      break
              server.process.send_signal(signal.SIGTERM)
          count = cut_off(client)
          # Others may have come while it was asked to stop.
          name = "127.0.0.1:" + str(client.getsockname()[1])
          reason = server.line("sockkit: reset " + name)
          closed = server.line("closed " + name)
          access = server.line("GET /")
          # What has arrived may not be acknowledged yet.
          sent = int(closed.partition("sent ")[2].split()[0])
          assert 0 < sent <= count, (count, closed)
          assert f" 200, {sent - header} bytes in " in access, (count, access)
          assert f" with {(64 << 20) - (sent - header)} bytes not sent to it: " in reason, (count, reason)
          assert reason.endswith({"idle": "it was idle"}.get(cause, "the server has ended")), reason
          if cause == "idle":
              # The time counts to the end, and not to when the answer was ready.
              assert float(access.rpartition(" in ")[2].split()[0]) >= 300, access
              server.stop()
          assert server.process.wait(20) == 0
          """,
        ["\(cause)", directory.file("big"), "--model", model] + limits + ["127.0.0.1:0"]),
      input: .file("/dev/null")
    ).finished()
    #expect(result.ending == .exit(0), "\(result)")
  }

  @Test(arguments: ServedModel.all)
  func `a client that is left when the grace is over is reset, and reported`(served: ServedModel) async throws
  {
    let result = try await RunningProgram(
      .python(
        Self.words + """
          server = Logged("sockkit", *arguments)
          client = server.connect()
          client.sendall(b"\\x01" if "calc-server" in arguments else b"G")
          server.line("accepted")
          server.process.send_signal(signal.SIGTERM)
          assert select.select([client], [], [], 20)[0]
          try:
              rest = received(client)
              # The web server answers what is not complete.
              assert b"408" in rest or b"400" in rest or rest == b"G", rest
              orderly = b"HTTP" in rest
          except ConnectionResetError:
              orderly = False
          assert server.process.wait(20) == 0
          server.reader.join()
          assert orderly or [line for line in server.lines if "reset 127.0.0.1:" in line], server.lines
          assert [line for line in server.lines if "closed 127.0.0.1:" in line], server.lines
          """, served.arguments(["--grace", "200ms"])), input: .file("/dev/null")
    ).finished()
    #expect(result.ending == .exit(0), "\(result)")
  }

  @Test(arguments: ServedModel.models)
  func `an idle client to whom nothing is owed sees an orderly end`(model: String) async throws {
    let result = try await RunningProgram(
      .python(
        Self.words + """
          server = Logged("sockkit", *arguments)
          client = server.connect()
          client.sendall(b"GET / HTTP/1.1\\r\\nHost: here\\r\\n\\r\\n")
          assert received(client).endswith(b"well")
          assert not [line for line in server.stop() if "reset" in line], server.lines
          """, ServedModel(service: .web, model: model).arguments(["-i", "200ms"])), input: .file("/dev/null")
    ).finished()
    #expect(result.ending == .exit(0), "\(result)")
  }

  @Test(arguments: ServedModel.models)
  func `a child or a thread that is killed with its server resets its client`(model: String) async throws {
    let result = try await RunningProgram(
      .python(
        Self.words + """
          server = Logged("sockkit", *arguments)
          client = server.connect()
          client.sendall(b"well")
          assert client.recv(4) == b"well"
          server.process.kill()
          try:
              assert client.recv(1) is None, "an orderly end"
          except ConnectionResetError:
              pass
          """, ServedModel(service: .echo, model: model).arguments()), input: .file("/dev/null")
    ).finished()
    #expect(result.ending == .exit(0), "\(result)")
  }

  @Test(arguments: ServedModel.models)
  func `a peer that resets is logged as one that did`(model: String) async throws {
    let result = try await RunningProgram(
      .python(
        Self.words + """
          server = Logged("sockkit", *arguments)
          client = server.connect()
          client.sendall(b"well")
          assert client.recv(4) == b"well"
          reset(client)
          server.line("Connection reset by peer")
          server.line("closed 127.0.0.1:")
          server.stop()
          """, ServedModel(service: .echo, model: model).arguments()), input: .file("/dev/null")
    ).finished()
    #expect(result.ending == .exit(0), "\(result)")
  }
}
