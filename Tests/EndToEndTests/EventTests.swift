// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

@Suite(.takingTurns)
struct EventTests {
  @Test func `success is silent, and -v tells of connections on standard error`() async throws {
    let server = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "0", input: .bytes(Array("pong!".utf8)))
    let port = try await server.announcedPort()
    let client = try await sockkit("connect", "-v", "127.0.0.1", "\(port)", input: .bytes(Array("ping".utf8)))
    #expect(
      client.generalized
        == Finished(
          .exit(0), output: "pong!",
          errors: """
            sockkit: connected to 127.0.0.1:PORT from 127.0.0.1:PORT (tcp)
            sockkit: closed 127.0.0.1:PORT: sent 4 bytes, received 5 bytes in T

            """))
    #expect(
      try await server.finished().generalized
        == Finished(
          .exit(0), output: "ping",
          errors: """
            sockkit: listening on 127.0.0.1:PORT (tcp)
            sockkit: accepted 127.0.0.1:PORT on 127.0.0.1:PORT (tcp)
            sockkit: closed 127.0.0.1:PORT: sent 5 bytes, received 4 bytes in T

            """))
    #expect(client.errorLines[0].hasPrefix("sockkit: connected to 127.0.0.1:\(port) from "))
  }

  @Test func `a closing line is written when a connection breaks too`() async throws {
    let peer = try RunningProgram.python("connection = accepted(); connection.recv(1); reset(connection)")
    let client = try await sockkit(
      "connect", "-v", "127.0.0.1", "\(peer.printedPort())", input: .bytes(Array("ping".utf8)))
    #expect(client.ending == .exit(74))
    #expect(
      Array(client.generalized.errorLines.suffix(2)) == [
        "sockkit: closed 127.0.0.1:PORT: sent 4 bytes, received 0 bytes in T",
        "sockkit: receive from 127.0.0.1:PORT: Connection reset by peer",
      ])
  }

  private struct Record: Decodable {
    struct Place: Decodable, Equatable {
      var address: String?
      var port: UInt16?
      var path: String?
    }
    let time: String
    let event: String
    let local: Place?
    let remote: Place?
    let `protocol`: String?
    let sentBytes: Int?
    let receivedBytes: Int?
    let seconds: Double?
    let message: String?
    let status: Int?
  }

  private func records(_ result: Finished) throws -> [Record] {
    try result.errorLines.map { try JSONDecoder().decode(Record.self, from: Data($0.utf8)) }
  }

  @Test func `--log-format json writes the same events, one object a line`() async throws {
    let server = RunningProgram.sockkit(
      "listen", "--log-format", "json", "127.0.0.1", "0", input: .bytes(Array("pong!".utf8)))
    let announcement = try await server.errorLine(containing: "listening")
    let first = try JSONDecoder().decode(Record.self, from: Data(announcement.utf8))
    let port = try #require(first.local?.port)
    let client = try await sockkit(
      "connect", "--log-format", "json", "127.0.0.1", "\(port)", input: .bytes(Array("ping".utf8)))
    let seen = try records(client)
    #expect(seen.map(\.event) == ["connected", "closed"])
    #expect(seen[0].remote == Record.Place(address: "127.0.0.1", port: port))
    #expect(seen[0].protocol == "tcp")
    #expect(seen[1].sentBytes == 4)
    #expect(seen[1].receivedBytes == 5)
    #expect((seen[1].seconds ?? -1) >= 0)
    for record in seen { #expect(record.time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z/) != nil) }
    let served = try records(try await server.finished())
    #expect(served.map(\.event) == ["listening", "accepted", "closed"])
    #expect(served[1].remote == seen[0].local)
    #expect(served[2].remote == seen[0].local)
  }

  @Test func `a failure is a record with its status`() async throws {
    let port = SilentPort()
    let result = try await sockkit("connect", "--log-format", "json", "127.0.0.1", "\(port.number)")
    let seen = try records(result)
    #expect(result.ending == .exit(69))
    #expect(seen.map(\.event) == ["error"])
    #expect(seen[0].message == "connect to 127.0.0.1:\(port.number): Connection refused")
    #expect(seen[0].status == 69)
  }

  @Test func `a Unix socket is a path in a record`() async throws {
    let directory = try TemporaryDirectory()
    let server = RunningProgram.sockkit("listen", "--log-format", "json", "-U", directory.file("s"))
    let line = try await server.errorLine(containing: "listening")
    let record = try JSONDecoder().decode(Record.self, from: Data(line.utf8))
    #expect(record.local == Record.Place(path: directory.file("s")))
    #expect(record.protocol == "unix")
  }

  @Test func `every attempt is listed with -v, and only the last one without`() async throws {
    let port = SilentPort()
    let line = "sockkit: connect to 127.0.0.1:\(port.number): Connection refused"
    let verbose = try await sockkit("connect", "-v", "127.0.0.1", "\(port.number)")
    #expect(verbose.ending == .exit(69))
    #expect(verbose.errorLines.contains(line))
    #expect(try await sockkit("connect", "127.0.0.1", "\(port.number)").errorLines == [line])
  }

  @Test func `control characters in what is printed are escaped`() async throws {
    let result = try await sockkit("connect", "-n", "bad\u{1B}[31m\u{202E}name\n", "80")
    #expect(result.ending == .exit(68))
    #expect(result.errors.hasPrefix("sockkit: look up bad\\x1b[31m\\u{202e}name\\x0a: "), "\(result)")
    #expect(result.errorLines.count == 1)
  }
}
