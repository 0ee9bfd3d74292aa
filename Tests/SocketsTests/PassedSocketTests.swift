// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Testing

struct PassedSocketTests {
  private static func passed(_ variables: [String: String]) -> PassedSockets {
    PassedSockets(process: 7, atMost: 100) { variables[$0] }
  }

  @Test func `sockets begin at descriptor 3, and each has a name`() {
    let passed = Self.passed(["LISTEN_PID": "7", "LISTEN_FDS": "4", "LISTEN_FDNAMES": "web:admin:web"])
    #expect(passed.count == 4)
    #expect(passed.descriptors(named: nil) == [3, 4, 5, 6])
    #expect(passed.descriptors(named: "web") == [3, 5])
    #expect(passed.descriptors(named: "unknown") == [6])
    #expect(passed.descriptors(named: "other") == [])
    #expect(passed.allNames == ["web", "admin", "unknown"])
  }

  @Test(arguments: [
    [:], ["LISTEN_PID": "8", "LISTEN_FDS": "1"], ["LISTEN_FDS": "1"], ["LISTEN_PID": "7"],
    ["LISTEN_PID": "7", "LISTEN_FDS": "0"], ["LISTEN_PID": "7", "LISTEN_FDS": "-1"],
    ["LISTEN_PID": "7", "LISTEN_FDS": "101"], ["LISTEN_PID": "7", "LISTEN_FDS": "2147483647"],
    ["LISTEN_PID": "7", "LISTEN_FDS": "x"], ["LISTEN_PID": "", "LISTEN_FDS": "1"],
  ])
  func `variables for another process, or with a wrong number, pass no sockets`(variables: [String: String]) {
    #expect(Self.passed(variables).descriptors.isEmpty)
    #expect(Self.passed(variables).allNames == [])
  }
}
