// SPDX-License-Identifier: GPL-3.0-or-later

import Handshakes
import Sockets
import Testing

/// The header of a datagram of SOCKS 5, as it is written and as it is read.
struct SOCKSDatagramTests {
  /// Peers and their headers.
  private static var headers: [(peer: ProxyTarget, header: [UInt8])] {
    let longest = String(repeating: "n", count: 255)
    return [
      (ProxyTarget(.address(.ipv4([192, 0, 2, 1])), port: 0x1234), [0, 0, 0, 1, 192, 0, 2, 1, 0x12, 0x34]),
      (
        ProxyTarget(.address(.loopbackIPv6), port: 443),
        [0, 0, 0, 4] + [UInt8](repeating: 0, count: 15) + [1, 1, 0xBB]
      ),
      (ProxyTarget(.name("example.org"), port: 53), [0, 0, 0, 3, 11] + Array("example.org".utf8) + [0, 53]),
      (ProxyTarget(.name(longest), port: 0xFFFF), [0, 0, 0, 3, 255] + Array(longest.utf8) + [0xFF, 0xFF]),
    ]
  }

  private static func read(_ datagram: [UInt8]) -> SOCKSDatagram? { SOCKSDatagram(datagram.span) }

  @Test func `each form of address has its header`() {
    for (peer, header) in Self.headers {
      #expect(SOCKSDatagram.header(for: peer) == header)
      #expect(header.count <= SOCKSDatagram.longestHeader)
    }
    #expect(Self.headers.map(\.header.count).max() == SOCKSDatagram.longestHeader)
  }

  @Test func `a header is read, and the payload follows it`() {
    for (peer, header) in Self.headers {
      for payload in [[], [0], [UInt8](repeating: 3, count: 65_000)] {
        let read = Self.read(header + payload)
        #expect(read?.peer == peer && read?.fragment == 0 && read?.headerLength == header.count)
      }
    }
  }

  @Test func `a header that is cut short is none`() {
    for (_, header) in Self.headers {
      for count in header.indices { #expect(Self.read(Array(header[..<count])) == nil) }
    }
  }

  @Test(arguments: [UInt8(1), 2, 127, 128, 255])
  func `the number of a fragment is read`(number: UInt8) {
    let bytes: [UInt8] = [0, 0, number, 1, 192, 0, 2, 1, 0, 80, 7]
    let read = Self.read(bytes)
    #expect(read?.fragment == number && read?.headerLength == 10)
  }

  @Test func `an address that is sent as a name is an address`() {
    let bytes: [UInt8] = [0, 0, 0, 3, 9] + Array("192.0.2.1".utf8) + [0, 80]
    let read = Self.read(bytes)
    #expect(read?.peer == ProxyTarget(.address(.ipv4([192, 0, 2, 1])), port: 80))
    #expect(read?.headerLength == bytes.count)
  }

  @Test(arguments: [
    // The reserved bytes.
    [UInt8](arrayLiteral: 1, 0, 0, 1, 192, 0, 2, 1, 0, 80), [0, 1, 0, 1, 192, 0, 2, 1, 0, 80],
    // The type of the address.
    [0, 0, 0, 0, 192, 0, 2, 1, 0, 80], [0, 0, 0, 2, 192, 0, 2, 1, 0, 80],
    [0, 0, 0, 255, 192, 0, 2, 1, 0, 80],
    // The name: none, a space, a zero byte, a byte that is not ASCII.
    [0, 0, 0, 3, 0, 0, 80], [0, 0, 0, 3, 1, 32, 0, 80], [0, 0, 0, 3, 2, 97, 0, 0, 80],
    [0, 0, 0, 3, 1, 0xFF, 0, 80],
  ])
  func `a malformed header is none`(bytes: [UInt8]) {
    #expect(Self.read(bytes) == nil)
    #expect(Self.read(bytes + [UInt8](repeating: 1, count: 300)) == nil)
  }
}
