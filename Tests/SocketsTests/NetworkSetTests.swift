// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Testing

struct NetworkSetTests {
  @Test func `an address is found in networks of any length and family`() throws {
    let set = NetworkSet(
      try ["192.0.2.0/24", "198.51.100.7", "10.0.0.0/9", "2001:db8::/33", "::1"].map {
        try #require(Network($0))
      })
    for text in ["192.0.2.255", "198.51.100.7", "10.127.0.1", "2001:db8::9", "::1", "::ffff:10.0.0.1"] {
      #expect(set.contains(try #require(IPAddress(text))), "\(text)")
    }
    for text in ["192.0.3.0", "198.51.100.6", "10.128.0.1", "2001:db8:8000::", "::2", "::ffff:11.0.0.1"] {
      #expect(!set.contains(try #require(IPAddress(text))), "\(text)")
    }
    #expect(set.count == 5)
  }

  @Test func `it agrees with the networks one by one`() throws {
    var random = SystemRandomNumberGenerator()
    func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...3, using: &random) } }
    let networks = try (0..<200).map { _ in
      let address = IPAddress.ipv4(bytes(4))
      return try #require(Network("\(address)/\(Int.random(in: 0...32, using: &random))"))
    }
    for size in [0, 1, 5, 200] {
      let (some, set) = (networks.prefix(size), NetworkSet(networks.prefix(size)))
      for _ in 0..<200 {
        let address = IPAddress.ipv4(bytes(4))
        #expect(set.contains(address) == some.contains { $0.contains(address) }, "\(address)")
      }
    }
  }

  @Test func `the same networks are the same, whatever follows the prefix`() {
    #expect(Network("192.0.2.7/24") == Network("192.0.2.0/24"))
    #expect(Network("192.0.2.0/24") != Network("192.0.2.0/25"))
    #expect(Network("0.0.0.0/0") != Network("::/0"))
    #expect(NetworkSet().count == 0)
  }
}
