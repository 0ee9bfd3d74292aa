// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import Testing

struct PortListTests {
  private static func list(_ text: String) throws -> PortList {
    try PortList(text) { (name) throws(ResolutionError) in
      let services: [String: UInt16] = ["ssh": 22, "http": 80, "http-alt": 8080, "x11-1": 6001]
      guard let port = services[name] else { throw ResolutionError(name: name, reason: .unknownService) }
      return port
    }
  }

  @Test(arguments: [
    ("80", [80]), ("080", [80]), ("1", [1]), ("65535", [65535]), ("22,80", [22, 80]), ("80,22", [22, 80]),
    ("22,22,22", [22]), ("8000-8003", [8000, 8001, 8002, 8003]), ("7-7", [7]),
    ("5-7,6-8,1", [1, 5, 6, 7, 8]),
    ("ssh", [22]), ("http,ssh,8080-8081", [22, 80, 8080, 8081]), ("http-alt", [8080]),
    ("x11-1,1", [1, 6001]),
    ("65534-65535", [65534, 65535]),
  ])
  func `numbers, ranges and services are listed once each, the lowest first`(
    text: String, ports: [UInt16]
  ) throws {
    #expect(try Self.list(text).ports == ports)
  }

  @Test func `all ports are a list`() throws {
    #expect(try Self.list("1-65535").ports == Array(1...65535))
  }

  @Test(arguments: [
    ("", "an item of '' is empty"), (",", "an item of ',' is empty"), ("80,", "an item of '80,' is empty"),
    (",80", "an item of ',80' is empty"), ("80,,90", "an item of '80,,90' is empty"),
    ("0", "port 0: expected a number from 1 to 65535 or a service name"),
    ("65536", "port 65536: expected a number from 1 to 65535 or a service name"),
    ("0-5", "port 0: expected a number from 1 to 65535 or a service name"),
    ("5-65536", "port 65536: expected a number from 1 to 65535 or a service name"),
    (
      "99999999999999999999", "port 99999999999999999999: expected a number from 1 to 65535 or a service name"
    ),
    ("90-80", "'90-80' is reversed: expected 80-90"),
    ("80-", "'80-' is not a range: expected FIRST-LAST, such as 8000-8010"),
    ("-80", "'-80' is not a range: expected FIRST-LAST, such as 8000-8010"),
    ("-", "'-' is not a range: expected FIRST-LAST, such as 8000-8010"),
    ("1-2-3", "'1-2-3' is not a range: expected FIRST-LAST, such as 8000-8010"),
    ("ssh,90-80", "'90-80' is reversed: expected 80-90"),
  ])
  func `what lists no ports is refused`(text: String, message: String) {
    #expect { try Self.list(text) } throws: { "\($0)" == message && $0 is PortList.SyntaxError }
  }

  @Test(arguments: ["nosuch", " 80", "80 ", "+80", "80x", "http-ssh", "８０"])
  func `anything else is the name of a service`(text: String) {
    #expect(throws: ResolutionError(name: text, reason: .unknownService)) { try Self.list("22,\(text)") }
  }

  @Test func `a list is told from a service`() {
    for text in ["22,80", "1-2", "ssh,80", "-"] { #expect(PortList.isSeveral(text), "\(text)") }
    for text in ["22", "ssh", "http-alt", ""] { #expect(!PortList.isSeveral(text), "\(text)") }
  }
}
