// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// One user at a terminal of `sockkit`, and another at the terminal of a netcat.
@Suite(.takingTurns)
struct PeerTerminalTests {
  @Test(arguments: [Peer.netcat, .ncat, .socat], Role.allCases)
  func `two people write to each other`(peer: Peer, role: Role) async throws {
    let client = try peer.client(of: 0)
    let place = Place()
    let server = try peer.server(at: place)
    let result = try await screens(
      """
      if "\(role.rawValue)" == "listen":
          port = directory + "/port"
          ours = Screen(f"sockkit listen --chat --port-file {port} 127.0.0.1:0 2> /dev/null")
          while not os.path.exists(port):
              ours.rows()
          number = open(port).read().strip()
          theirs = Screen("\(client)".replace("127.0.0.1 0", "127.0.0.1 " + number).replace(":0", ":" + number))
      else:
          theirs = Screen("\(server)")
          ours = Screen("sockkit connect --chat --retry 15s \(place.host) \(place.port)")
      with ours, theirs:
          ours.shows(">", cursor="2,0")
          ours.type("hello")
          ours.shows("> hello")
          theirs.type("one\\n")
          ours.shows("[peer] one", "> hello", cursor="7,1")
          theirs.type("tw")
          theirs.press("BSpace")
          theirs.type("wo\\n")
          ours.shows("[peer] one", "[peer] two", "> hello", cursor="7,2")
          ours.press("BSpace", "Enter")
          theirs.shows("one", "two", "hell")
          ours.shows("[peer] one", "[peer] two", "> hell", ">", cursor="2,3")
          theirs.press("C-c")
          ours.wait(lambda rows: rows[-1] == "unchanged", "the end")
          say(ours.rows()[-2])
      """)
    #expect(result == Finished(.exit(0), output: "status 0\n"))
  }
}
