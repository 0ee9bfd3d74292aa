// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// `calc` at a pseudo-terminal, whose mode must be restored however the session ends.
@Suite(.takingTurns)
struct CalcTerminalTests {
  @Test func `a line is typed, edited and answered, and Ctrl-D ends the session`() async throws {
    let result = try await TerminalSession.run(
      """
      session = Session(served())
      session.see("1  add two numbers")
      session.see("calc> ")
      say(termios.tcgetattr(session.theirs) != session.before)
      session.type("2*(3+4" + "\\x1b[D" * 6 + "1+\\x05)\\r")
      session.see("\\r\\n15\\r\\n")
      session.see("calc> ")
      session.type("1/0\\r")
      session.see("sockkit: division by zero\\r\\n")
      session.see("calc> ")
      session.type("1 +\\r")
      session.see("sockkit: column 4: expected a number, a text, '-' or '(', but the expression ends\\r\\n")
      session.see("calc> ")
      session.type("\\x04")
      say(*session.ended())
      """)
    #expect(result == Finished(.exit(0), output: "True\n0 True\n"))
  }

  @Test func `the menu asks for both operands, and again for one that is none`() async throws {
    let result = try await TerminalSession.run(
      """
      session = Session(served())
      for prompt, words in [
          ("calc> ", "1"), ("first number> ", "3"), ("second number> ", "x"), ("second number> ", "-4.5"),
          ("-1.5\\r\\n", ""), ("calc> ", "2"), ("first number> ", "6"), ("second number> ", "7"),
          ("42\\r\\n", ""), ("calc> ", "3"), ("first text> ", "a \\"b"), ("second text> ", " c"),
          ("a \\"b c\\r\\n", ""), ("calc> ", "menu"), ("0  quit", ""), ("calc> ", "help"), ("Ctrl-C", ""),
          ("calc> ", "0"),
      ]:
          session.see(prompt)
          if words:
              session.type(words + "\\r")
      say(*session.ended())
      """)
    #expect(result == Finished(.exit(0), output: "0 True\n"))
  }

  @Test func `lines come back in the next session, for the user alone, and with --no-history they do not`()
    async throws
  {
    let directory = try TemporaryDirectory()
    let result = try await TerminalSession.run(
      """
      def session(*options):
          session = Session(served(), *options)
          session.see("calc> ")
          return session

      first = session()
      first.type("40+2\\r")
      first.see("\\r\\n42\\r\\n")
      first.see("calc> ")
      first.type("\\x04")
      say(*first.ended())
      second = session()
      second.type("\\x1b[A\\x7f3\\r")
      second.see("\\r\\n43\\r\\n")
      second.see("calc> ")
      second.type("history\\r")
      second.see("1  40+2\\r\\n    2  40+3\\r\\n    3  history\\r\\n")
      second.see("calc> ")
      second.type("quit\\r")
      say(*second.ended())
      third = session("--no-history")
      third.type("\\x1b[A5+5\\r")
      third.see("\\r\\n10\\r\\n")
      third.see("calc> ")
      third.type("\\x04")
      say(*third.ended())
      for path in ("state", "state/sockkit", "state/sockkit/calc-history"):
          say(oct(os.stat(arguments[0] + "/" + path).st_mode & 0o777))
      """, in: directory)
    #expect(result == Finished(.exit(0), output: "0 True\n0 True\n0 True\n0o700\n0o700\n0o600\n"))
    #expect(try directory.read("state/sockkit/calc-history") == Array("40+2\n40+3\nhistory\nquit\n".utf8))
  }

  @Test func `a history that cannot be kept is said with -v, and costs nothing else`() async throws {
    let directory = try TemporaryDirectory()
    _ = try directory.write("", to: "state")
    let result = try await TerminalSession.run(
      """
      session = Session(served(), "-v")
      session.see("sockkit: lines are not kept for the next session: create ")
      session.see("calc> ")
      session.type("40+2\\r")
      session.see("\\r\\n42\\r\\n")
      session.see("calc> ")
      session.type("\\x04")
      say(*session.ended())
      """, in: directory)
    #expect(result == Finished(.exit(0), output: "0 True\n"))
  }

  @Test func `a history that is no file is not touched, and costs nothing else`() async throws {
    let result = try await TerminalSession.run(
      """
      path = arguments[0] + "/state/sockkit/calc-history"
      os.makedirs(os.path.dirname(path))
      for make, unmake, reason in [
          (os.mkfifo, os.unlink, "Operation not supported"),
          (os.mkdir, os.rmdir, "Is a directory"),
          (lambda path: os.symlink("/dev/null", path), os.unlink, "Operation not supported"),
      ]:
          make(path)
          session = Session(served(), "-v")
          session.see("sockkit: lines are not kept for the next session: create " + path + ": " + reason)
          session.see("calc> ")
          session.type("40+2\\r")
          session.see("\\r\\n42\\r\\n")
          session.see("calc> ")
          session.type("\\x04")
          say(*session.ended())
          unmake(path)
      """)
    #expect(result == Finished(.exit(0), output: "0 True\n0 True\n0 True\n"))
  }

  @Test func `keys are those of ~/.inputrc, and pasted lines are taken one by one`() async throws {
    let result = try await TerminalSession.run(
      """
      session = Session(served())
      session.see("calc> ")
      session.type("\\x18\\r")
      session.see("\\r\\n42\\r\\n")
      session.see("calc> ")
      session.type("\\x1b[200~1+1\\r2+2\\r\\x1b[201~\\r")
      session.see("\\r\\n2\\r\\n4\\r\\n")
      session.see("calc> ")
      session.type("\\x04")
      say(*session.ended())
      """)
    #expect(result == Finished(.exit(0), output: "0 True\n"))
  }

  @Test func `a macro of several lines is taken line by line, and what it leaves is edited`() async throws {
    let result = try await TerminalSession.run(
      """
      with open(inputrc, "a") as file:
          file.write('"\\\\C-y": "3+4\\\\r4+5\\\\r20"\\n')
      session = Session(served())
      session.see("calc> ")
      session.type("\\x19")
      session.see("7\\r\\n9\\r\\n")
      session.see("calc> 20")
      session.type("+1\\r")
      session.see("\\r\\n21\\r\\n")
      session.see("calc> ")
      session.type("\\x04")
      say(*session.ended())
      """)
    #expect(result == Finished(.exit(0), output: "0 True\n"))
  }

  @Test func `Tab completes a word at the beginning, and no file name`() async throws {
    let result = try await TerminalSession.run(
      """
      session = Session(served())
      session.see("calc> ")
      session.type("hi\\t\\r")
      session.see("1  history")
      session.see("calc> ")
      session.type("1 + /et\\t")
      session.see("1 + /et")
      session.type("\\x15quit\\r")
      say(*session.ended())
      """)
    #expect(result == Finished(.exit(0), output: "0 True\n"))
  }

  @Test func `a server that is lost is noticed at the prompt, and is status 74`() async throws {
    let result = try await TerminalSession.run(
      """
      gone = threading.Event()
      def serve_until_gone(connection):
          gone.wait(15)
          connection.close()
      session = Session(served(serve_until_gone))
      session.see("calc> ")
      session.type("1+2+3")
      session.see("1+2+3")
      gone.set()
      session.see("\\n")
      session.see("sockkit: receive from 127.0.0.1:")
      session.see(": the server has closed the connection\\r\\n")
      say(*session.ended())
      """)
    #expect(result == Finished(.exit(0), output: "74 True\n"))
  }

  @Test func `text of the server cannot give the terminal orders`() async throws {
    let result = try await TerminalSession.run(
      """
      def serve_escapes(connection):
          stream = connection.makefile("rwb")
          for response in (b"\\0" + encoded("\\x1b[31mred\\ntwo"), b"\\1" + encoded("\\x1b]0;title\\x07")):
              stream.read(1), take(stream), take(stream)
              stream.write(response)
              stream.flush()
          received(connection)
      session = Session(served(serve_escapes))
      session.see("calc> ")
      session.type('"a"+"b          "\\r')
      session.see("\\r\\n\\\\x1b[31mred\\r\\ntwo\\r\\n")
      session.see("calc> ")
      session.type("1+1\\r")
      session.see("sockkit: \\\\x1b]0;title\\\\x07\\r\\n")
      session.see("calc> ")
      session.type("\\x04")
      say(*session.ended())
      """)
    #expect(result == Finished(.exit(0), output: "0 True\n"))
  }

  @Test func `without a terminal on both sides nothing prompts`() async throws {
    let result = try await TerminalSession.run(
      """
      session = Session(served(), stdout=subprocess.PIPE)
      session.type("40+2\\n\\x04")
      say(session.program.stdout.read())
      say(*session.ended())
      """)
    #expect(result == Finished(.exit(0), output: "b'42\\n'\n0 True\n"))
  }
}
