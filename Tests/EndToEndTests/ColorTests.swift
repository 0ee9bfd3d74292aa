// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// `--color` and `NO_COLOR`, and what Ctrl-C leaves on a terminal.
@Suite(.takingTurns)
struct ColorTests {
  private static let red = "\u{1B}[31msockkit:\u{1B}[0m"

  @Test func `messages are coloured on request, and not in a pipe by themselves`() async throws {
    let port = SilentPort()
    let address = "127.0.0.1:\(port.number)"
    let message = " connect to \(address): Connection refused\n"
    let always = try await sockkit("connect", "--color", "always", address)
    #expect(always == Finished(.exit(69), errors: Self.red + message))
    #expect(try await sockkit("connect", address) == Finished(.exit(69), errors: "sockkit:" + message))
    let wrong = try await sockkit("connect", "--color=always", "--nonsense", address)
    #expect(wrong.errors.hasPrefix(Self.red + " unknown option '--nonsense'"), "\(wrong)")
    let unknown = try await sockkit("connect", "--color", "sometimes", address)
    #expect(unknown.ending == .exit(64) && unknown.errors.contains("sometimes"), "\(unknown)")
  }

  @Test func `an open port is green, a closed one is red`() async throws {
    let result = try await python(
      """
      listener = socket.create_server(("127.0.0.1", 0))
      closed = socket.socket()
      closed.bind(("127.0.0.1", 0))
      ports = sorted([listener.getsockname()[1], closed.getsockname()[1]])
      done = subprocess.run(
          ["sockkit", "connect", "-z", "-v", "--color", "always", "127.0.0.1", ",".join(map(str, ports))],
          stderr=subprocess.PIPE, timeout=30)
      seen = {}
      for line in done.stderr.decode().splitlines():
          if "sandbox: " in line: continue
          color = line.split("sockkit: \\x1b[", 1)[1].split("m", 1)[0]
          seen[int(line.split("127.0.0.1:")[1].split(":")[0])] = color
          assert line.endswith("\\x1b[0m"), line
      assert seen == {listener.getsockname()[1]: "32", closed.getsockname()[1]: "31"}, (done, seen)
      """)
    #expect(result == Finished(.exit(0)))
  }

  @Test func `the directions of a dump have colours`() async throws {
    let result = try await python(
      """
      listener = socket.create_server(("127.0.0.1", 0))
      program = subprocess.Popen(
          ["sockkit", "connect", "--color", "always", "-x", "-", "127.0.0.1", str(listener.getsockname()[1])],
          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
      peer = listener.accept()[0]
      program.stdin.write(b"ask")
      program.stdin.close()
      assert peer.recv(10, socket.MSG_WAITALL) == b"ask"
      peer.sendall(b"answer")
      peer.close()
      lines = program.stderr.read().decode().splitlines()
      assert program.wait(30) == 0 and program.stdout.read() == b"answer"
      assert [line[:7] for line in lines] == ["\\x1b[32m> ", "\\x1b[36m< "], lines
      """)
    #expect(result == Finished(.exit(0)))
  }

  @Test func `at a terminal the label of the peer has a colour, unless NO_COLOR is set`() async throws {
    let result = try await screens(
      """
      for value, wanted in ("", True), ("1", False):
          with Call("--chat", NO_COLOR=value) as (screen, peer):
              peer.sendall(b"hello\\n")
              screen.shows("[peer] hello", ">", cursor="2,1")
              assert ("\\x1b[36m[peer]" in screen.tmux("capture-pane", "-p", "-e")) == wanted, value
      """)
    #expect(result == Finished(.exit(0)))
  }

  @Test func `each client of a labelled output has its own colour`() async throws {
    let result = try await python(
      """
      program = subprocess.Popen(
          ["sockkit", "listen", "-k", "-v", "--recv-only", "--label", "--color", "always", "127.0.0.1:0"],
          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
      port = program.stderr.readline().decode().split(":")[2].split()[0]
      seen = []
      for _ in range(2):
          peer = connected(port)
          peer.sendall(b"line\\n")
          seen.append(program.stdout.readline().decode())
          assert seen[-1].endswith("] \\x1b[0mline\\n"), seen
          peer.close()
      program.terminate()
      assert program.wait(30) == 0 and [line[:5] for line in seen] == ["\\x1b[36m", "\\x1b[32m"], seen
      """)
    #expect(result == Finished(.exit(0)))
  }

  @Test func `after Ctrl-C at a server the next text is on a line of its own`() async throws {
    let result = try await screens(
      """
      for server in "echo-server", "http-server", "calc-server", "listen -k":
          with Screen(f"sockkit {server} 127.0.0.1:0 2>&1", columns=80) as screen:
              screen.wait(lambda rows: any("listening on" in row for row in rows), server)
              screen.press("C-c")
              screen.ends("^C", "status 0", "unchanged")
      """)
    #expect(result == Finished(.exit(0)))
  }
}
