// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// A peer's output on a terminal without line editing.
@Suite(.takingTurns)
struct GuardedTerminalTests {
  @Test(arguments: [["--recv-only", "xterm"], ["-v", "dumb"], ["--timeout 60", ""]])
  func `control sequences are made visible wherever there is a terminal`(words: [String]) async throws {
    let result = try await screens(
      """
      with Call("\(words[0])", TERM="\(words[1])", columns=100) as (screen, peer):
          peer.sendall(b"a\\x1b[2Jb\\tc\\r\\n\\x9b\\rd")
          peer.close()
          screen.wait(lambda rows: r"a\\x1b[2Jb       c" in rows, "the first line")
          screen.wait(lambda rows: any(row.startswith(r"\\x9b\\x0dd") for row in rows), "the second line")
      """)
    #expect(result == Finished(.exit(0)))
  }

  @Test(arguments: [
    "printf typed | sockkit connect", "sockkit connect < /dev/null", "sockkit connect --chat <&-",
  ])
  func `standard output alone decides, whatever standard input is`(command: String) async throws {
    let result = try await screens(
      """
      listener = socket.create_server(("127.0.0.1", 0))
      words = "\(command)".replace("connect", "connect 127.0.0.1 %d" % listener.getsockname()[1])
      with Screen(words, columns=100) as screen:
          peer = listener.accept()[0]
          peer.sendall(b"a\\x1b[2Jb\\tc\\r\\n")
          peer.close()
          screen.wait(lambda rows: any(r"a\\x1b[2Jb" in row for row in rows), "the line")
      """)
    #expect(result == Finished(.exit(0)))
  }

  @Test(arguments: ["stty raw -echo", "stty -icanon"])
  func `a terminal whose canonical mode is off is left alone`(mode: String) async throws {
    let result = try await screens(
      """
      listener = socket.create_server(("127.0.0.1", 0))
      port = listener.getsockname()[1]
      with Screen(f"\(mode); sockkit connect 127.0.0.1 {port}; stty sane") as screen:
          peer = listener.accept()[0]
          peer.sendall(b"gone\\x1b[2J\\x1b[Hhere")
          screen.wait(lambda rows: rows[0].startswith("here"), "what the peer draws")
          screen.type("x")
          say(peer.recv(1))
          screen.press("Tab", "Up", "C-a")
          say(b"".join(peer.recv(1) for _ in range(5)))
      """)
    #expect(result == Finished(.exit(0), output: "b'x'\nb'\\t\\x1b[A\\x01'\n"))
  }

  @Test func `a calculation without canonical mode is a batch`() async throws {
    let result = try await screens(
      """
      server = subprocess.Popen(["sockkit", "calc-server", "-v", "127.0.0.1:0"], stderr=subprocess.PIPE, text=True)
      port = server.stderr.readline().split(" on ")[1].split(" (")[0].rpartition(":")[2]
      with Screen(f"stty -icanon -echo; sockkit calc 127.0.0.1 {port}; stty sane") as screen:
          screen.type("6*7\\n")
          screen.ends("42")
      server.terminate()
      server.wait(15)
      """)
    #expect(result == Finished(.exit(0)))
  }

  @Test func `--raw lets them through`() async throws {
    let result = try await screens(
      """
      with Call("--raw") as (screen, peer):
          peer.sendall(b"gone\\x1b[2J\\x1b[Hhere")
          screen.shows("here")
      """)
    #expect(result == Finished(.exit(0)))
  }

  @Test(arguments: ["", "--label"])
  func `they are made visible in the lines of many clients`(label: String) async throws {
    let result = try await screens(
      """
      with Call("-k \(label)", command="listen", columns=100) as (screen, peer):
          peer.sendall(b"a\\x1b[2Jb\\tc\\xff\\r\\n")
          screen.wait(lambda rows: " ".join(rows[0].split()).endswith(r"a\\x1b[2Jb c\\xff"), "the line")
      """)
    #expect(result == Finished(.exit(0)))
  }
}
