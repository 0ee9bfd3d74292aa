// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// `--peek` shows what waits, and leaves it in the queue.
@Suite(.takingTurns)
struct PeekTests {
  @Test func `udp-recv sees the same datagram at each look`() async throws {
    let receiver = RunningProgram.sockkit("udp-recv", "-v", "--trace", "--peek", "-c", "3", "127.0.0.1", "0")
    let port = try await receiver.announcedPort()
    // The second one is refused if the receiver has ended by then.
    _ = try await sockkit("udp-send", "127.0.0.1", "\(port)", "first", "second")
    let end = try await receiver.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(end.text == "[127.0.0.1] first\n[127.0.0.1] first\n[127.0.0.1] first\n", "\(end)")
    #expect(end.errors.contains(", 1, MSG_DONTWAIT|MSG_PEEK) = 1 {5 bytes from 127.0.0.1:"), "\(end)")
  }

  @Test func `udp-recv ends after one look`() async throws {
    let receiver = RunningProgram.sockkit("udp-recv", "-v", "--peek", "--raw", "127.0.0.1", "0")
    let port = try await receiver.announcedPort()
    #expect(try await sockkit("udp-send", "127.0.0.1", "\(port)", "first") == Finished(.exit(0)))
    let end = try await receiver.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(end.text == "first")
  }

  @Test func `listen shows what the client has sent, and the client sees that it was not read`() async throws
  {
    let server = RunningProgram.sockkit("listen", "-v", "--trace", "--peek", "127.0.0.1", "0")
    let client = try await python(
      """
      client = connected(arguments[0])
      client.sendall(b"hello")
      try:
          print("ended", client.recv(1))
      except ConnectionResetError:
          print("reset")
      """, "\(server.announcedPort())")
    // The kernel resets a connection that is closed while bytes are unread.
    #expect(client == Finished(.exit(0), output: "reset\n"))
    let end = try await server.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(end.text == "hello")
    #expect(end.errorLines.contains { $0.contains("MSG_PEEK) = 5 ") }, "\(end)")
  }

  @Test func `listen shows nothing of a client that sends nothing`() async throws {
    let server = RunningProgram.sockkit("listen", "-v", "--peek", "127.0.0.1", "0")
    #expect(try await sockkit("connect", "127.0.0.1:\(server.announcedPort())") == Finished(.exit(0)))
    let end = try await server.finished()
    #expect(end.ending == .exit(0) && end.output.isEmpty, "\(end)")
  }

  @Test(arguments: [
    (
      ["udp-recv", "--peek", "--echo", "0"],
      "--peek excludes --echo, --prefix and --reply: the datagram is not taken"
    ),
    (
      ["listen", "--peek", "-k", "0"],
      "--peek looks at what one client has sent, and ends: it excludes --keep-open"
    ),
    (
      ["listen", "--peek", "--reply", "x", "0"],
      "--peek looks at what one client has sent, and ends: it excludes --reply"
    ),
    (
      ["listen", "--peek", "0", "--", "cat"],
      "--peek looks at what one client has sent, and ends: it excludes a command"
    ),
    (
      ["listen", "--peek", "--tls", "--tls-self-signed", "0"],
      "--peek looks at what one client has sent, and ends: it excludes --tls"
    ),
  ])
  func `--peek is refused where something has to be taken`(words: [String], message: String) async throws {
    #expect(try await sockkit(words) == .usage(message, of: words[0]))
  }
}
