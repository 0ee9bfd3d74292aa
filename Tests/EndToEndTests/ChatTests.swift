// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// `--chat` and `--raw`, at a terminal and without one.
@Suite(.takingTurns)
struct ChatTests {
  @Test func `two who chat see each other's lines, and their own as they typed them`() async throws {
    let result = try await screens(
      """
      port = directory + "/port"
      with Screen(f"sockkit listen --chat --port-file {port} 127.0.0.1:0 2> /dev/null") as left:
          while not os.path.exists(port):
              left.rows()
          with Screen(f"sockkit connect --chat 127.0.0.1 {open(port).read().strip()}") as right:
              left.shows(">", cursor="2,0")
              right.shows(">", cursor="2,0")
              right.type("still typing")
              right.shows("> still typing")
              left.type("hello 中\\n")
              right.shows("[peer] hello 中", "> still typing", cursor="14,1")
              right.press("Enter")
              left.shows("> hello 中", "[peer] still typing", ">", cursor="2,2")
              left.press("C-d")
              right.ends("status 0", "unchanged")
              seen = right.rows()
              assert seen[:3] == ["[peer] hello 中", "> still typing", ">"], seen
              assert "".join(seen[3:-2]).endswith("has left: it closed the connection"), seen
              left.ends("> hello 中", "[peer] still typing", ">", "status 0", "unchanged")
      """)
    #expect(result == Finished(.exit(0)))
  }

  @Test func `a text without a newline gets a row of its own, above what is typed`() async throws {
    let result = try await screens(
      """
      with Call("--chat", columns=80) as (screen, peer):
          peer.sendall(b"a\\x1b[1m\\tb\\nHallo")
          first = r"[peer] a\\x1b[1m b"
          screen.shows(first, "[peer] Hallo", ">", cursor="2,2")
          screen.type("eins")
          screen.shows(first, "[peer] Hallo", "> eins", cursor="6,2")
          peer.sendall("👩‍💻 Welt".encode())
          screen.shows(first, "[peer] Hallo", "[peer] 👩‍💻 Welt", "> eins", cursor="6,3")
          screen.type("\\n")
          say(peer.recv(100))
          peer.sendall(b"more\\n\\n")
          screen.shows(first, "[peer] Hallo", "[peer] 👩‍💻 Welt", "> eins", "[peer] more", "[peer]", ">", cursor="2,6")
          screen.press("C-d")
          peer.sendall(b"la")
          screen.ends("[peer] more", "[peer]", ">", "[peer] la")
          peer.sendall(b"st\\nend")
          name = "%s:%d" % peer.getsockname()
          peer.close()
          screen.ends("[peer] end", f"sockkit: {name} has left: it closed the connection", "status 0", "unchanged")
      """)
    #expect(result == Finished(.exit(0), output: "b'eins\\n'\n"))
  }

  @Test func `a peer that resets is said to have done so`() async throws {
    let result = try await screens(
      """
      with Call("--chat", columns=80) as (screen, peer):
          peer.sendall(b"bye")
          screen.shows("[peer] bye", ">", cursor="2,1")
          name = "%s:%d" % peer.getsockname()
          reset(peer)
          screen.shows("[peer] bye", ">", f"sockkit: receive from {name}: Connection reset by peer", "status 74", "unchanged")
      """)
    #expect(result == Finished(.exit(0)))
  }

  @Test(arguments: [
    ["--chat"], ["--chat", "--raw"], ["--chat", "--recv-only"], ["--chat", "--no-history"],
  ])
  func `without a terminal lines are labelled and safe, and nothing prompts`(options: [String]) async throws {
    let server = try RunningProgram.python(
      """
      peer = accepted()
      for part in (b"one\\r\\ntw", b"o \\x1b[31m\\t \\xe4", b"\\xb8\\xad\\n\\n", b"last\\xff\\xc3"):
          peer.sendall(part)
      peer.shutdown(socket.SHUT_WR)
      say(received(peer))
      """)
    let port = try await server.printedPort()
    let input = RunningProgram.Input.bytes(Array("typed\n".utf8))
    let result = try await sockkit(["connect", "127.0.0.1", "\(port)"] + options, input: input)
    #expect(
      result
        == Finished(
          .exit(0),
          output: "[peer] one\n[peer] two \\x1b[31m\t 中\n[peer] \n[peer] last\\xff\\xc3\n",
          errors: "sockkit: 127.0.0.1:\(port) has left: it closed the connection\n"))
    let typed = options.contains("--recv-only") ? "" : "typed\\n"
    #expect(try await server.finish().text.hasSuffix("\nb'\(typed)'\n"))
  }

  @Test func `a chat of megabytes reaches a slow reader whole`() async throws {
    let result = try await python(
      """
      listener = socket.create_server(("127.0.0.1", 0))
      client = subprocess.Popen(
          ["sockkit", "connect", "--chat", "127.0.0.1", str(listener.getsockname()[1])],
          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
      peer = listener.accept()[0]
      lines = [b"%d \\x07 %s" % (number, b"x" * (number % 300)) for number in range(20000)]
      def write():
          peer.sendall(b"\\n".join(lines))
          peer.close()
      threading.Thread(target=write).start()
      seen = client.stdout.read()
      wanted = b"".join(b"[peer] " + line.replace(b"\\x07", b"\\\\x07") + b"\\n" for line in lines)
      say(seen == wanted, client.wait(20))
      """)
    #expect(result == Finished(.exit(0), output: "True 0\n"))
  }

  @Test func `a reader of a chat that leaves ends it by SIGPIPE`() async throws {
    let result = try await python(
      """
      listener = socket.create_server(("127.0.0.1", 0))
      client = subprocess.Popen(
          ["sockkit", "connect", "--chat", "127.0.0.1", str(listener.getsockname()[1])],
          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
      client.stdout.close()
      peer = listener.accept()[0]
      peer.sendall(b"line\\n")
      say(client.wait(20))
      """)
    #expect(result == Finished(.exit(0), output: "-13\n"))
  }

  @Test func `--raw leaves the terminal alone, and lets through what arrives`() async throws {
    let result = try await screens(
      """
      with Call("--raw") as (screen, peer):
          peer.sendall(b"gone\\x1b[2J\\x1b[Hlogin: ")
          screen.shows("login:", cursor="7,0")
          say(subprocess.run(["stty", "-g", "-F", screen.tmux("display", "-p", "#{pane_tty}").strip()],
              capture_output=True, text=True).stdout == open(screen.path + ".before").read())
          screen.type("me")
          screen.shows("login: me")
          peer.sendall(b"\\nnext\\n")
          screen.shows("login: me", "next")
          screen.type("\\n")
          say(peer.recv(100))
          say(os.path.exists(directory + "/state"))
      """)
    #expect(result == Finished(.exit(0), output: "True\nb'me\\n'\nFalse\n"))
  }

  @Test(arguments: ["dumb", ""])
  func `on a terminal on which the cursor cannot be moved no line is edited`(kind: String) async throws {
    let result = try await screens(
      """
      with Call(TERM="\(kind)") as (screen, peer):
          peer.sendall(b"a\\x1b[1mb")
          screen.shows(r"a\\x1b[1mb")
          screen.type("typed\\n")
          say(peer.recv(100))
      """)
    #expect(result == Finished(.exit(0), output: "b'typed\\n'\n"))
  }

  @Test func `a terminal on one side alone is not edited on`() async throws {
    let result = try await screens(
      """
      out = directory + "/out"
      listener = socket.create_server(("127.0.0.1", 0))
      address = "127.0.0.1 %d" % listener.getsockname()[1]
      with Screen(f"sockkit connect --chat {address} > {out}; sockkit connect {address} < {out}") as screen:
          peer = listener.accept()[0]
          screen.type("typed\\n")
          say(peer.recv(100))
          peer.sendall(b"answer")
          peer.close()
          peer = listener.accept()[0]
          peer.sendall(b"lost\\x1b[2J\\x1b[Hshown")
          say(received(peer))
          peer.close()
          screen.ends(r"lost\\x1b[2J\\x1b[Hshownstatus 0", "unchanged")
      """)
    #expect(result == Finished(.exit(0), output: "b'typed\\n'\nb'[peer] answer\\n'\n"))
  }

  @Test func `events, calls and progress are written above the line too`() async throws {
    let result = try await screens(
      """
      with Call("-v --progress --trace", columns=120, rows=40) as (screen, peer):
          peer.sendall(b"name: ")
          screen.type("typed")
          screen.wait(lambda rows: any(row.startswith("sockkit: sent 0 B, received 6 B") for row in rows), "progress")
          screen.ends("name: typed")
          rows = screen.rows()
          say(any(row.startswith("sockkit: connected to ") for row in rows), sum("name: " in row for row in rows))
          say(any(row.startswith("recv(") for row in rows))
          screen.press("Enter")
          say(peer.recv(100))
      """)
    #expect(result == Finished(.exit(0), output: "True 1\nTrue\nb'typed\\n'\n"))
  }

  @Test func `with --send-only lines are edited, and with --recv-only they are not`() async throws {
    let result = try await screens(
      """
      with Call("--chat --send-only") as (screen, peer):
          peer.sendall(b"unseen\\n")
          screen.shows(">", cursor="2,0")
          screen.type("acb")
          screen.press("Left", "BSpace", "End")
          screen.type("c\\n")
          say(peer.recv(100))
          screen.press("C-d")
          screen.ends("status 0", "unchanged")
          say(screen.rows()[:2])
      with Call("--chat --recv-only") as (screen, peer):
          peer.sendall(b"se\\x07en\\nhalf")
          screen.shows("[peer] se\\\\x07en", "[peer] half")
          peer.close()
          screen.ends("status 0", "unchanged")
          say(screen.rows()[:2])
      """)
    #expect(
      result
        == Finished(.exit(0), output: "b'abc\\n'\n['> abc', '>']\n['[peer] se\\\\x07en', '[peer] half']\n"))
  }
}
