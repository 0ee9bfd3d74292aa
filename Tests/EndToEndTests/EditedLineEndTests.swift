// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// The ways to end or suspend a session with line editing; the terminal is restored each time.
@Suite(.takingTurns)
struct EditedLineEndTests {
  @Test func `Ctrl-C ends the program, and what was typed stays on the screen`() async throws {
    let result = try await screens(
      """
      with Call() as (screen, peer):
          peer.sendall(b"? ")
          screen.type("typed")
          screen.shows("? typed")
          screen.press("C-c")
          screen.shows("? typed", "status 130", "unchanged")
          try:
              say(peer.recv(1))
          except ConnectionResetError:
              say("reset")
      """)
    #expect(result == Finished(.exit(0), output: "reset\n"))
  }

  @Test func `any signal that ends it leaves the terminal as it was`() async throws {
    let result = try await screens(
      """
      for name in "TERM HUP QUIT INT ALRM USR1 USR2 RTMIN".split():
          number = getattr(signal, "SIG" + name)
          with Call() as (screen, peer):
              peer.sendall(b"? ")
              screen.type("typed")
              screen.shows("? typed")
              os.kill(screen.process(), number)
              screen.ends(f"status {128 + number}", "unchanged")
              assert screen.rows()[0] == "? typed", screen.rows()
      """)
    #expect(result == Finished(.exit(0)))
  }

  @Test func `a peer that resets or leaves in the middle of a line leaves the terminal as it was`()
    async throws
  {
    let result = try await screens(
      """
      with Call(columns=100) as (screen, peer):
          peer.sendall(b"par")
          screen.type("typed")
          screen.shows("partyped")
          port = peer.getsockname()[1]
          reset(peer)
          screen.shows(
              "partyped", f"sockkit: receive from 127.0.0.1:{port}: Connection reset by peer", "status 74", "unchanged")
      with Call() as (screen, peer):
          peer.sendall(b"par\\xe4\\xb8")
          screen.shows("par", cursor="3,0")
          peer.close()
          screen.shows("par\\\\xe4\\\\xb8", "status 0", "unchanged")
      """)
    #expect(result == Finished(.exit(0)))
  }

  @Test func `a time-out leaves the terminal as it was`() async throws {
    let result = try await screens(
      """
      with Call("--timeout 5s", columns=100) as (screen, peer):
          peer.sendall(b"? ")
          screen.type("typed")
          screen.ends("status 75", "unchanged")
          say(screen.rows()[0])
      """)
    #expect(result == Finished(.exit(0), output: "? typed\n"))
  }

  @Test func `a terminal that is gone ends it`() async throws {
    let result = try await screens(
      """
      call = Call()
      with call as (screen, peer):
          peer.sendall(b"? ")
          screen.shows("?")
          process = screen.process()
          screen.tmux("kill-session")
          say(received(peer))
          screen.tmux = lambda *_: None
      """)
    #expect(result == Finished(.exit(0), output: "b''\n"))
  }

  @Test func `Ctrl-Z stops it with the terminal as it was, and it goes on in the foreground`() async throws {
    let result = try await screens(
      """
      # The second shell has a prompt and jobs.
      with Call(shell="sh -i", columns=70) as (screen, peer):
          peer.sendall(b"? ")
          screen.type("typd")
          screen.press("Left")
          screen.shows("? typd", cursor="5,0")
          screen.press("C-z")
          screen.wait(lambda rows: rows[-1] == "$", "the shell")
          peer.sendall(b"meanwhile\\nname: ")
          screen.type("bg\\n")
          screen.wait(lambda rows: rows[-1] == "$" and any(row.startswith("$ bg") for row in rows), "bg")
          screen.type("clear; fg\\n")
          screen.ends("? meanwhile", "name: typd")
          screen.type("e")
          screen.press("Enter")
          say(peer.recv(100))
          screen.press("C-d")
          peer.close()
          screen.wait(lambda rows: rows[-1] == "$", "the shell")
          screen.type("exit\\n")
          screen.ends("status 0", "unchanged")
      """)
    #expect(result == Finished(.exit(0), output: "b'typed\\n'\n"))
  }

  @Test func `a program that was stopped from outside shows the line again in the foreground`() async throws {
    let result = try await screens(
      """
      with Call(shell="sh -i", columns=70) as (screen, peer):
          peer.sendall(b"? ")
          screen.type("typ")
          screen.shows("? typ")
          group = screen.process()
          program = int(open(f"/proc/{group}/task/{group}/children").read().split()[0])
          os.kill(program, signal.SIGSTOP)
          screen.wait(lambda rows: rows[-1] == "$", "the shell")
          screen.type("fg\\n")
          screen.ends("? typ")
          screen.type("ec")
          screen.press("BSpace", "d", "Enter")
          say(peer.recv(100))
          screen.press("C-c")
          screen.wait(lambda rows: rows[-1] == "$", "the shell")
          screen.type("exit\\n")
          screen.ends("status 130", "unchanged")
      """)
    #expect(result == Finished(.exit(0), output: "b'typed\\n'\n"))
  }

  @Test func `a job in the background relays, and does not ask for the terminal`() async throws {
    let result = try await screens(
      """
      listener = socket.create_server(("127.0.0.1", 0))
      with Screen("sh -i", columns=70) as screen:
          screen.shows("$")
          screen.type(f"sockkit connect 127.0.0.1 {listener.getsockname()[1]} &\\n")
          peer = listener.accept()[0]
          peer.sendall(b"\\nfrom the peer\\n")
          screen.wait(lambda rows: "from the peer" in rows, "what arrives")
          shell = screen.process()
          with open(f"/proc/{shell}/task/{shell}/children") as file:
              job = file.read().strip()
          peer.close()
          # What is typed before it has ended, it might try to read.
          screen.wait(lambda _: open(f"/proc/{job}/stat").read().split(") ")[1][0] == "Z", "the end")
          screen.type("wait; echo waited $?; exit\\n")
          screen.wait(lambda rows: "waited 0" in rows, "the end")
          screen.ends("status 0", "unchanged")
      """)
    #expect(result == Finished(.exit(0)))
  }

  @Test func `a stopped terminal holds up what arrives, and nothing is lost`() async throws {
    let result = try await screens(
      """
      with Call() as (screen, peer):
          peer.sendall(b"one\\n")
          screen.shows("one")
          screen.press("C-s")
          peer.sendall(b"two\\n")
          screen.type("typed")
          screen.press("C-q")
          screen.shows("one", "two", "typed")
          screen.press("Enter")
          say(peer.recv(100))
      """)
    #expect(result == Finished(.exit(0), output: "b'typed\\n'\n"))
  }
}
