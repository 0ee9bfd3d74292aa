// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

@Suite(.takingTurns)
struct GetServTests {
  private struct Record: Decodable, Equatable {
    let name: String
    let port: Int
    let `protocol`: String
    let aliases: [String]
  }

  @Test(arguments: [
    ("80/tcp", "http\n"), ("domain/udp", "53\n"), ("http tcp", "80\n"), ("80 tcp", "http\n"),
    ("www TCP", "80\n"), ("domain", "53/tcp\n53/udp\n"),
    ("53", "domain/tcp\ndomain/udp\n"), ("http", "80/tcp\n"), ("ntp", "123/udp\n"),
    ("0080 tcp", "http\n"),
  ])
  func `a service is found by name and by port`(line: String, output: String) async throws {
    let words = ["getserv"] + line.split(separator: " ").map(String.init)
    #expect(try await sockkit(words) == Finished(.exit(0), output: output))
  }

  @Test(arguments: ["tcp", "udp"])
  func `the answers are those of the C library`(transport: String) async throws {
    let result = try await python(
      """
      transport = arguments[0]
      ports = [7, 22, 53, 80, 123, 443, 514, 631, 5432]
      def ours(word):
          done = subprocess.run(["sockkit", "getserv", word, transport], capture_output=True, text=True)
          return done.stdout.strip() if done.returncode == 0 else done.returncode
      def theirs(function, word):
          try:
              return str(function(word, transport))
          except OSError:
              return 68
      for port in ports:
          expected = theirs(socket.getservbyport, port)
          assert ours(str(port)) == expected, (port, expected)
          if expected != 68:
              assert ours(expected) == theirs(socket.getservbyname, expected), expected
      say(len(ports))
      """, transport)
    #expect(result == Finished(.exit(0), output: "9\n"))
  }

  @Test func `--json writes one object a service`() async throws {
    let result = try await sockkit("getserv", "--json", "kerberos")
    #expect(result.ending == .exit(0), "\(result)")
    let records = try result.text.split(separator: "\n").map {
      try JSONDecoder().decode(Record.self, from: Data($0.utf8))
    }
    #expect(records.map(\.protocol) == ["tcp", "udp"])
    #expect(records.allSatisfy { $0.name == "kerberos" && $0.port == 88 && $0.aliases.contains("krb5") })
  }

  @Test(arguments: [
    ("nosuch", "nosuch"), ("nosuch tcp", "nosuch/tcp"), ("http SCTP", "http/sctp"), ("0", "0"),
    ("+80", "+80"),
    ("80 nosuch", "80/nosuch"), ("HTTP", "HTTP"),
  ])
  func `an unknown service is status 68`(line: String, name: String) async throws {
    let words = ["getserv"] + line.split(separator: " ").map(String.init)
    #expect(
      try await sockkit(words)
        == Finished(.exit(68), errors: "sockkit: look up service \(name): unknown service\n"))
  }

  @Test(arguments: ["65536", "99999999999999999999", ""])
  func `what is no port is refused`(port: String) async throws {
    let message =
      "invalid value '\(port)' for SERVICE: expected a port number from 0 to 65535 or a service name"
    #expect(try await sockkit("getserv", port) == .usage(message, of: "getserv"))
  }

  @Test func `other bad command lines are refused`() async throws {
    #expect(
      try await sockkit("getserv") == .usage("nothing to look up: expected SERVICE or PORT", of: "getserv"))
    #expect(try await sockkit("getserv", "-1") == .usage("unknown option '-1'", of: "getserv"))
    #expect(
      try await sockkit("getserv", "http", "")
        == .usage(
          "invalid value '' for PROTOCOL: expected a text that is not empty", of: "getserv"))
  }

  @Test(.onPrivateNetworks)
  func `well-known services are known where there is no database`() async throws {
    let result = try await PrivateNetwork(.none).shell(
      """
      mount --bind /dev/null /etc/services || exit 99
      sockkit getserv http tcp; sockkit getserv 53; sockkit getserv imap; sockkit getserv 443 udp
      sockkit connect 127.0.0.1 discard
      sockkit getserv --trace nosuch tcp
      """)
    #expect(result.ending == .exit(68), "\(result)")
    #expect(result.text == "80\ndomain/tcp\ndomain/udp\n143/tcp\nhttps\n")
    #expect(result.errorLines.first == "sockkit: connect to 127.0.0.1:9: Connection refused")
    #expect(result.errorLines.last == "sockkit: look up service nosuch/tcp: unknown service")
    #expect(
      result.errors.contains("getservent_r() = 0 after 0 entries ["), "the database is empty: \(result)")
  }
}
