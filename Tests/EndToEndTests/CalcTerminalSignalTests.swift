// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// The effect of the signal keys, and of signals, on `calc` at a pseudo-terminal.
@Suite(.takingTurns)
struct CalcTerminalSignalTests {
  @Test func `Ctrl-C abandons a line or a question, and on an empty line ends the program`() async throws {
    let result = try await TerminalSession.run(
      """
      session = Session(served())
      session.see("calc> ")
      session.type("1/0 + 77")
      session.see("77")
      session.type("\\x03")
      session.see("calc> ")
      session.type("1\\r")
      session.see("first number> ")
      session.type("\\x03")
      session.see("calc> ")
      session.type("20+3\\r")
      session.see("\\r\\n23\\r\\n")
      session.see("calc> ")
      session.type("\\x03")
      say(*session.ended())
      """)
    #expect(result == Finished(.exit(0), output: "-2 True\n"))
  }

  @Test(arguments: ["SIGTERM", "SIGHUP", "SIGQUIT"])
  func `a signal ends it and leaves the terminal as it was`(signal: String) async throws {
    let result = try await TerminalSession.run(
      """
      session = Session(served())
      session.see("calc> ")
      session.type("1+2")
      session.see("1+2")
      session.program.send_signal(signal.\(signal))
      say(session.ended() == (-signal.\(signal), True))
      """)
    #expect(result == Finished(.exit(0), output: "True\n"))
  }

  @Test func `any signal that ends it leaves the terminal as it was`() async throws {
    let result = try await TerminalSession.run(
      """
      others = "ALRM USR1 USR2 VTALRM PROF IO PWR XCPU XFSZ STKFLT RTMIN RTMAX"
      for number in [getattr(signal, "SIG" + name) for name in others.split()]:
          session = Session(served())
          session.see("calc> ")
          session.type("1+2")
          session.see("1+2")
          session.program.send_signal(number)
          end = session.ended()
          if end != (-number, True):
              say(number, *end)
      """)
    #expect(result == Finished(.exit(0)))
  }

  @Test func `Ctrl-Z stops it with the terminal as it was, and it goes on where it was`() async throws {
    let result = try await TerminalSession.run(
      """
      shell = '''
      import os, signal, sys, termios
      signal.signal(signal.SIGTTOU, signal.SIG_IGN)
      before = termios.tcgetattr(0)
      program = os.fork()
      if program == 0:
          os.setpgid(0, 0)
          os.tcsetpgrp(0, os.getpid())
          signal.signal(signal.SIGTTOU, signal.SIG_DFL)
          os.execvp(sys.argv[1], sys.argv[1:])
      for _ in range(2):
          _, status = os.waitpid(program, os.WUNTRACED)
          print("stopped", os.WSTOPSIG(status) == signal.SIGTSTP, termios.tcgetattr(0) == before, flush=True)
          os.kill(program, signal.SIGCONT)
      sys.exit(os.waitstatus_to_exitcode(os.waitpid(program, 0)[1]))
      '''
      session = Session(served(), under=[sys.executable, "-c", shell])
      session.see("calc> ")
      session.type("40")
      session.see("40")
      for _ in range(2):
          session.type("\\x1a")
          session.see("stopped True True")
          session.see("calc> 40")
      session.type("+2\\r")
      session.see("\\r\\n42\\r\\n")
      session.see("calc> ")
      session.type("\\x04")
      say(session.program.wait(15))
      """)
    #expect(result == Finished(.exit(0), output: "0\n"))
  }

  @Test func `Ctrl-Z does nothing where no shell could have it go on`() async throws {
    let result = try await TerminalSession.run(
      """
      session = Session(served())
      session.see("calc> ")
      session.type("40")
      session.see("40")
      session.type("\\x1a")
      session.see("calc> 40")
      session.type("+2\\r")
      session.see("\\r\\n42\\r\\n")
      session.see("calc> ")
      session.type("\\x04")
      say(*session.ended())
      """)
    #expect(result == Finished(.exit(0), output: "0 True\n"))
  }

  /// A server that waits for `go` before it answers, and sets `asked` before that.
  private static let slowServer = """
    asked, go = threading.Event(), threading.Event()
    def serve_slowly(connection):
        with connection, connection.makefile("rwb") as stream:
            while (opcode := stream.read(1)) not in (b"", b"\\0"):
                question = opcode[0], take(stream), take(stream)
                asked.set()
                go.wait(15)
                stream.write(answer(*question))
                stream.flush()
    session = Session(served(serve_slowly))
    session.see("calc> ")
    session.type("1+1\\r")
    assert asked.wait(15)

    """

  @Test func `lines that are typed while the server calculates are taken afterwards`() async throws {
    let result = try await TerminalSession.run(
      Self.slowServer + """
        session.type("2+2\\r3+3\\r40+")
        session.see("3+3\\r\\n40+")
        go.set()
        session.see("2\\r\\n")
        session.see("calc> 2+2\\r\\n4\\r\\n")
        session.see("calc> 3+3\\r\\n6\\r\\n")
        session.see("calc> 40+")
        session.type("2\\r")
        session.see("\\r\\n42\\r\\n")
        session.see("calc> ")
        session.type("\\x04")
        say(*session.ended())
        """)
    #expect(result == Finished(.exit(0), output: "0 True\n"))
  }

  @Test func `Ctrl-C ends it while the server calculates`() async throws {
    let result = try await TerminalSession.run(
      Self.slowServer + """
        session.type("\\x03")
        say(*session.ended())
        """)
    #expect(result == Finished(.exit(0), output: "-2 True\n"))
  }
}
