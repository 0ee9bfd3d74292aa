// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Testing

struct InheritedSocketTests {
  @Test func `words name inherited sockets`() throws {
    #expect(try InheritedSockets("systemd") == .activated(name: nil))
    #expect(try InheritedSockets("systemd:web") == .activated(name: "web"))
    #expect(try InheritedSockets("fd:3") == .descriptor(3))
    for word in ["80", "host:80", "unix:fd", "systemd.example:80", "fd", ""] {
      #expect(try InheritedSockets(word) == nil)
      #expect(!InheritedSockets.isNamed(by: word))
    }
  }

  @Test(arguments: ["systemd:", "fd:", "fd:x", "fd:-1", "fd:+1", "fd:2147483648"])
  func `a word without a name or a number is refused`(word: String) {
    #expect(throws: Endpoint.SyntaxError.self) { try InheritedSockets(word) }
    #expect(InheritedSockets.isNamed(by: word))
  }

  @Test func `only where to listen can be inherited`() throws {
    #expect(try Endpoint(listening: ["systemd:web"]) == .inherited(.activated(name: "web")))
    #expect(try Endpoint(["systemd:80"]) == .internet(host: "systemd", port: "80"))
    #expect(try Endpoint(listening: ["systemd", "80"]) == .internet(host: "systemd", port: "80"))
    #expect(try "\(Endpoint(listening: ["fd:3"]))" == "fd:3")
  }
}
