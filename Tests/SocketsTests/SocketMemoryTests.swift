// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Sockets
import SystemPackage
import Testing

struct SocketMemoryTests {
  @Test func `a fresh socket has received and dropped nothing`() throws {
    let socket = try Self.boundToLoopback()
    let memory = try SocketMemory(of: socket.number)
    #expect(memory.received == 0)
    #expect(memory.drops == 0)
    #expect(try memory.receiveLimit == SocketOption.receiveBuffer.value(on: socket.number))
  }

  @Test func `datagrams that find no room are counted, every one`() throws {
    let socket = try Self.boundToLoopback()
    try SocketOption.receiveBuffer.set(8192, on: socket.number)
    let sent = 100
    for _ in 0..<sent {
      #expect(try Transfer.send(to: socket.number, from: Self.datagram.span) == .moved(1000))
    }
    let memory = try SocketMemory(of: socket.number)
    #expect(memory.received > 0)
    var kept = 0
    var storage = Self.datagram
    var buffer = storage.mutableSpan
    while try Transfer.receive(from: socket.number, into: &buffer) == .moved(1000) { kept += 1 }
    #expect(kept > 0 && kept < sent)
    #expect(memory.drops == sent - kept)
  }

  private static let datagram = [UInt8](repeating: 0, count: 1000)

  /// A UDP socket that is connected to itself.
  private static func boundToLoopback() throws -> Descriptor {
    let socket = Descriptor(adopting: Glibc.socket(AF_INET, CInt(SOCK_DGRAM.rawValue), 0))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = unsafe withUnsafeMutablePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(socket.number.rawValue, $0, length) | getsockname(socket.number.rawValue, $0, &length)
          | connect(socket.number.rawValue, $0, length)
      }
    }
    try #require(status == 0)
    return socket
  }
}
