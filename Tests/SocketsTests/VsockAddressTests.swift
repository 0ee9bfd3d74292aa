// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Testing

struct VsockAddressTests {
  @Test(arguments: ["vsock:2:1234", "vsock:any:1", "vsock:3:4294967294", "vsock:any:any", "vsock:0:0"])
  func `an address reads and prints the same`(_ word: String) throws {
    #expect("\(try Endpoint(word))" == word)
  }

  @Test func `port 0 and the port any are bound alike`() {
    #expect(VsockAddress(.local, port: 0).toBind == VsockAddress(.local, port: VsockAddress.anyPort))
    #expect(VsockAddress(.local, port: 5).toBind == VsockAddress(.local, port: 5))
  }

  @Test func `an address is that of a machine and has a port of 32 bits`() {
    let address = Address.vsock(VsockAddress(.host, port: 70_000))
    #expect(address.family == .vsock)
    #expect(!address.family.isInternet)
    #expect(address.portNumber == 70_000)
    #expect(address.port == nil)
    #expect(address.ip == nil)
    #expect(address.host == "vsock:2")
    #expect(address.fits)
  }

  @Test func `a connection to this machine reaches a listener of every identifier`() {
    let listener = Address.vsock(VsockAddress(.any, port: 5))
    #expect(Address.vsock(VsockAddress(.local, port: 5)).reaches(listener))
    #expect(!Address.vsock(VsockAddress(.local, port: 6)).reaches(listener))
    #expect(!Address.vsock(VsockAddress(.host, port: 5)).reaches(listener))
    #expect(listener.reaches(listener))
  }

  /// The layout of an address that each datagram has.
  @Test func `an address takes no more room for it`() {
    #expect(MemoryLayout<Address>.size <= 17)
  }
}
