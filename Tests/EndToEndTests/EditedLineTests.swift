// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// The screen of a terminal on which a line is typed while the peer's text arrives.
@Suite(.takingTurns)
struct EditedLineTests {
  @Test(arguments: ["connect", "listen"])
  func `what arrives appears above the line that is edited`(command: String) async throws {
    let result = try await screens(
      """
      with Call(command="\(command)") as (screen, peer):
          peer.sendall(b"welcome\\n")
          screen.shows("welcome", cursor="0,1")
          screen.type("hello wrld")
          screen.press("Left", "Left", "Left")
          screen.shows("welcome", "hello wrld", cursor="7,1")
          peer.sendall(b"one\\ntwo\\r\\n")
          screen.shows("welcome", "one", "two", "hello wrld", cursor="7,3")
          screen.type("o")
          peer.sendall(b"\\nfour\\n")
          screen.shows("welcome", "one", "two", "", "four", "hello world", cursor="8,5")
          screen.press("Enter")
          say(peer.recv(100))
          peer.sendall(b"done\\n")
          screen.shows("welcome", "one", "two", "", "four", "hello world", "done", cursor="0,7")
          screen.press("C-d")
          say(received(peer))
          peer.sendall(b"answer\\nno newline")
          peer.shutdown(socket.SHUT_WR)
          screen.ends("hello world", "done", "answer", "no newline", "status 0", "unchanged")
      """)
    #expect(result == Finished(.exit(0), output: "b'hello world\\n'\nb''\n"))
  }

  @Test func `a line of the peer without an end stands before what is typed`() async throws {
    let result = try await screens(
      """
      with Call() as (screen, peer):
          peer.sendall(b"Debian\\nlogin: ")
          screen.shows("Debian", "login:", cursor="7,1")
          screen.type("rot")
          screen.press("Left")
          peer.sendall(b"(again) ")
          screen.shows("Debian", "login: (again) rot", cursor="17,1")
          screen.type("o\\n")
          say(peer.recv(100))
          screen.shows("Debian", "login: (again) root", cursor="0,2")
          peer.sendall(b"Password: ")
          screen.shows("Debian", "login: (again) root", "Password:", cursor="10,2")
          screen.type("secret")
          peer.sendall(b"timed out\\nlogin: ")
          screen.shows("Debian", "login: (again) root", "Password: timed out", "login: secret", cursor="13,3")
          peer.close()
          screen.shows("Debian", "login: (again) root", "Password: timed out", "login: secret", "status 0", "unchanged")
      """)
    #expect(result == Finished(.exit(0), output: "b'root\\n'\n"))
  }

  @Test func `lines of several rows stay whole, whatever arrives and in which row the cursor is`()
    async throws
  {
    let result = try await screens(
      """
      with Call(columns=20) as (screen, peer):
          peer.sendall(b"first\\n")
          screen.shows("first")
          screen.type("a" * 20 + "b" * 20 + "c")
          screen.shows("first", "a" * 20, "b" * 20, "c", cursor="1,3")
          peer.sendall(b"second\\n")
          screen.shows("first", "second", "a" * 20, "b" * 20, "c", cursor="1,4")
          screen.press("Home")
          screen.shows("first", "second", "a" * 20, "b" * 20, "c", cursor="0,2")
          peer.sendall(b"third " + b"3" * 20 + b"\\n? ")
          screen.shows(
              "first", "second", "third " + "3" * 14, "3" * 6, "? " + "a" * 18, "aa" + "b" * 18, "bbc", cursor="2,4")
          peer.sendall(b"4" * 30)
          screen.shows(
              "first", "second", "third " + "3" * 14, "3" * 6, "? " + "4" * 18, "4" * 12 + "a" * 8,
              "a" * 12 + "b" * 8, "b" * 12 + "c", cursor="12,5")
          peer.sendall(b"\\n")
          screen.shows(
              "first", "second", "third " + "3" * 14, "3" * 6, "? " + "4" * 18, "4" * 12, "a" * 20, "b" * 20, "c",
              cursor="0,6")
          screen.press("Enter")
          say(peer.recv(100) == b"a" * 20 + b"b" * 20 + b"c\\n")
      """)
    #expect(result == Finished(.exit(0), output: "True\n"))
  }

  @Test(arguments: ["C.UTF-8", "", "C", "POSIX", "xx_YY.UTF-8"])
  func `characters of several bytes or two columns are edited as one, in the locale`(locale: String)
    async throws
  {
    let result = try await screens(
      """
      with Call(columns=20, LC_ALL="\(locale)") as (screen, peer):
          peer.sendall("größer 中文\\n中: ".encode())
          screen.shows("größer 中文", "中:", cursor="4,1")
          screen.type("äö文字x")
          screen.press("Left", "Left", "BSpace", "Left", "Left")
          screen.shows("größer 中文", "中: äö字x", cursor="4,1")
          peer.sendall(b"\\xe4\\xb8")
          peer.sendall(b"\\xad\\n")
          screen.shows("größer 中文", "中: 中", "äö字x", cursor="0,2")
          screen.press("Enter")
          say(peer.recv(100).decode())
      """)
    #expect(result == Finished(.exit(0), output: "äö字x\n\n"))
  }

  @Test(arguments: [
    (#"a\xfcb\r"#, #"b'a\xfcb\n'"#), (#"\xc3\xff\xe4\xb8\r"#, #"b'\xc3\xff\xe4\xb8\n'"#),
    (#"x\xfc\x7fy\xc3\xbc\r"#, #"b'xy\xc3\xbc\n'"#),
  ])
  func `a byte that is no text is kept, and sent`(keys: String, sent: String) async throws {
    let result = try await python(
      """
      listener = socket.create_server(("127.0.0.1", 0))
      ours, theirs = terminal()
      client = subprocess.Popen(
          ["sockkit", "connect", "--no-history", "127.0.0.1", str(listener.getsockname()[1])],
          stdin=theirs, stdout=theirs, stderr=theirs, env=dict(os.environ, TERM="xterm", LC_ALL="C.UTF-8"),
          start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
      os.close(theirs)
      peer = listener.accept()[0]
      peer.sendall(b"ready\\n")
      shown = b""
      while b"ready" not in shown:
          shown += os.read(ours, 1000)
      os.write(ours, b"\(keys)")
      say(peer.recv(100))
      peer.close()
      client.wait(15)
      """)
    #expect(result == Finished(.exit(0), output: sent + "\n"))
  }

  @Test func `a peer cannot give the terminal orders`() async throws {
    let result = try await screens(
      """
      with Call(columns=80) as (screen, peer):
          peer.sendall(b"\\x1b[2J\\x1b[31mred\\x1b]0;title\\x07 a\\rb\\x08 \\xff\\tx \\xe2\\x80\\xae\\n\\x1b[")
          seen = "\\\\x1b[2J\\\\x1b[31mred\\\\x1b]0;title\\\\x07 a\\\\x0db\\\\x08 \\\\xff      x \\\\u{202e}"
          screen.shows(seen, "\\\\x1b[")
          screen.type("abc")
          peer.sendall(b"A\\x9b2J\\n")
          screen.ends("\\\\x1b[A\\\\x9b2J", "abc")
          screen.press("Enter")
          say(peer.recv(100))
      """)
    #expect(result == Finished(.exit(0), output: "b'abc\\n'\n"))
  }

  @Test func `another size of the screen costs nothing that has arrived`() async throws {
    let result = try await screens(
      """
      with Call() as (screen, peer):
          peer.sendall(b"one\\ntwo\\n? ")
          screen.type("a" * 10)
          screen.shows("one", "two", "? " + "a" * 10, cursor="12,2")
          screen.resize(60)
          peer.sendall(b"three\\n")
          screen.shows("one", "two", "? three", "a" * 10, cursor="10,3")
          screen.type("b" * 90)
          screen.shows("one", "two", "? three", "a" * 10 + "b" * 50, "b" * 40)
          for columns in (30, 50, 100):
              screen.resize(columns)
              peer.sendall(b"at %d columns\\n" % columns)
              screen.wait(lambda rows: f"at {columns} columns" in rows, columns)
              joined = "".join(screen.rows(above=100))
              assert joined.startswith("onetwo? three") and joined.endswith("a" * 10 + "b" * 90), joined
          screen.press("Enter")
          say(peer.recv(200) == b"a" * 10 + b"b" * 90 + b"\\n")
      """)
    #expect(result == Finished(.exit(0), output: "True\n"))
  }

  @Test func `Tab is sent, quoted keys are, and a macro of several lines sends them all`() async throws {
    let directory = try TemporaryDirectory()
    _ = try directory.write(#""\C-t": "one\rtwo\rthr"\#n"#, to: "inputrc")
    let result = try await screens(
      """
      with Call(INPUTRC=directory + "/inputrc") as (screen, peer):
          peer.sendall(b"? ")
          screen.shows("?", cursor="2,0")
          screen.press("C-t")
          screen.shows("? one", "two", "thr", cursor="3,2")
          screen.type("ee\\t.")
          screen.press("C-v", "C-a", "Enter")
          screen.shows("? one", "two", "three   .^A")
          with peer.makefile("rb") as lines:
              say([lines.readline() for _ in range(3)])
      """, in: directory)
    #expect(result == Finished(.exit(0), output: "[b'one\\n', b'two\\n', b'three\\t.\\x01\\n']\n"))
  }

  @Test func `pasted text is sent whole, with and without marks around it, however long its lines are`()
    async throws
  {
    let result = try await python(
      """
      listener = socket.create_server(("127.0.0.1", 0))
      ours, theirs = pty.openpty()
      environment = dict(os.environ, TERM="xterm", INPUTRC="/dev/null")
      program = subprocess.Popen(
          ["sockkit", "connect", "--no-history", "127.0.0.1", str(listener.getsockname()[1])],
          stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
      peer = listener.accept()[0]
      peer.sendall(b"ready\\n")
      seen = b""
      while b"ready" not in seen:
          seen += os.read(ours, 1 << 16)
      threading.Thread(target=until_eio, args=[ours], daemon=True).start()
      lines = b"".join(b"line %d %s\\r" % (number, b"x" * 50) for number in range(300))
      marked = b"\\x1b[200~" + lines + b"y" * 300000 + b"\\x1b[201~\\r"
      left = lines + marked + b"\\x04"
      def type():
          rest = left
          while rest:
              rest = rest[os.write(ours, rest[:1024]):]
      threading.Thread(target=type).start()
      wanted = (lines + lines + b"y" * 300000 + b"\\r").replace(b"\\r", b"\\n")
      say(received(peer) == wanted)
      peer.close()
      say(program.wait(15))
      """)
    #expect(result == Finished(.exit(0), output: "True\n0\n"))
  }

  @Test func `a search through the history keeps what arrives in the meantime`() async throws {
    let result = try await screens(
      """
      with Call() as (screen, peer):
          peer.sendall(b"? ")
          screen.shows("?", cursor="2,0")
          screen.type("first\\nsecond\\n")
          screen.shows("? first", "second")
          screen.press("C-r")
          screen.type("fi")
          screen.shows("? first", "second", "(reverse-i-search)`fi': first")
          peer.sendall(b"line\\nname: ")
          screen.shows("? first", "second", "line", "(reverse-i-search)`fi': first")
          screen.press("Enter")
          screen.shows("? first", "second", "line", "first", "name:", cursor="6,4")
      """)
    #expect(result == Finished(.exit(0)))
  }

  @Test func `lines come back in the next session of the same command, unless they are not kept`()
    async throws
  {
    let result = try await screens(
      """
      def first(keys, options="", command="connect"):
          with Call(options, command) as (screen, peer):
              peer.sendall(b"? ")
              screen.shows("?", cursor="2,0")
              screen.press(*keys)
              return peer.makefile("rb").readline()

      history = directory + "/state/sockkit/"
      first(["a", "Enter"])
      say(first(["Up", "b", "Enter"]), first(["Up", "c", "Enter"], "--no-history"), first(["Up", "Enter"]))
      say(first(["Up", "d", "Enter"], command="listen"), sorted(os.listdir(history)))
      say(open(history + "connect-history").read().split(), oct(os.stat(history + "connect-history").st_mode))
      """)
    #expect(
      result
        == Finished(
          .exit(0),
          output: """
            b'ab\\n' b'c\\n' b'ab\\n'
            b'd\\n' ['connect-history', 'listen-history']
            ['a', 'ab'] 0o100600

            """))
  }
}
