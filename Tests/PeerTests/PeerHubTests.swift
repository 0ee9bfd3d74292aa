// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

/// `listen` with many clients, as other programs see it.
@Suite(.takingTurns)
struct PeerHubTests {
  private static func start(_ flags: String...) -> RunningProgram {
    RunningProgram(
      .sockkit(["listen", "-v"] + flags + ["127.0.0.1:0"]), input: .file("/dev/null"), limit: 60)
  }

  @Test func `lines of every peer come out whole`() async throws {
    let server = Self.start("-k")
    let port = try await server.announcedPort()
    let text = (0..<5000).map { "\($0) of a peer that sends a line after another\n" }.joined()
    let clients = try Peer.allCases.map {
      RunningProgram(try $0.client(of: port), input: .bytes(Array(text.utf8)), limit: 60)
    }
    for client in clients { #expect(try await client.finished().ending == .exit(0)) }
    server.signal(SIGTERM)
    let end = try await server.finished()
    #expect(end.ending == .exit(0))
    let lines = end.text.split(separator: "\n").sorted()
    let sent = text.split(separator: "\n")
    #expect(lines == (sent + sent + sent + sent).sorted())
  }

  @Test(arguments: Peer.allCases)
  func `a reply and its end reach a peer`(peer: Peer) async throws {
    let server = Self.start("-k", "--reply", "well\\n")
    for _ in 1...3 {
      let client = RunningProgram(try peer.client(of: try await server.announcedPort()), input: .pipe)
      client.send("asked\n")
      try await client.outputLine(containing: "well")
      #expect(try await client.finish().text == "well\n")
    }
  }

  @Test(arguments: Peer.allCases)
  func `what a peer sends is in its file`(peer: Peer) async throws {
    let directory = try TemporaryDirectory()
    let server = Self.start("-k", "--recv-only", "--output-dir", directory.path)
    let port = try await server.announcedPort()
    let text = String(repeating: "some text without an end", count: 10_000)
    for _ in 1...2 {
      let client = RunningProgram(try peer.client(of: port), input: .bytes(Array(text.utf8)))
      #expect(try await client.finished().ending == .exit(0))
    }
    server.signal(SIGTERM)
    #expect(try await server.finished().ending == .exit(0))
    let names = try await shell("ls $1", directory.path).text.split(separator: "\n").map(String.init)
    #expect(names.count == 2)
    for name in names { #expect(try directory.read(name) == Array(text.utf8)) }
  }

  @Test(arguments: [[], ["--chat"]])
  func `peers talk to each other through a broker`(flags: [String]) async throws {
    let server = RunningProgram(
      .sockkit(["listen", "-v", "--broker"] + flags + ["127.0.0.1:0"]), input: .file("/dev/null"), limit: 60)
    let port = try await server.announcedPort()
    let number = "\(try await server.processIdentifier())"
    let clients = try Peer.allCases.map { RunningProgram(try $0.client(of: port), limit: 60) }
    let joined = try await shell(
      "until [ $(ls -l /proc/$1/fd | grep -c socket:) = 5 ]; do sleep 0.02; done", number)
    #expect(joined.ending == .exit(0))
    for (number, client) in clients.enumerated() {
      client.send("from \(number)\n")
      for (other, hearer) in clients.enumerated() where other != number {
        let line = try await hearer.outputLine(containing: "from \(number)")
        #expect(line.hasPrefix("[127.0.0.1:") == !flags.isEmpty)
      }
    }
    for (number, client) in clients.enumerated() {
      #expect(!(try await client.finish().text.contains("from \(number)")))
    }
  }
}
