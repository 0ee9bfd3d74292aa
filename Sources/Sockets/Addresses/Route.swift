// SPDX-License-Identifier: GPL-3.0-or-later

package import SystemPackage

/// The route to other networks.
package enum Route {
  /// The local address from which hosts of other networks are reached; `nil` if the kernel does not say.
  ///
  /// A datagram socket is connected to an address that is reserved for documentation, which sends nothing. The
  /// corresponding C functions are `socket`, `connect` and `getsockname`.
  ///
  /// - Throws: `EAFNOSUPPORT` if the family is missing, `ENETUNREACH` or another `errno` if there is no route.
  package static func source(_ family: AddressFamily) throws(Errno) -> IPAddress? {
    guard let target = IPAddress(family == .ipv6 ? "2001:db8::1" : "192.0.2.1") else { return nil }
    do throws(IOFailure) {
      let socket = try Descriptor.socket(family, type: Platform.datagramSocket)
      let address = Address.internet(target, port: 9)
      try attempting(.sendDatagram(to: address)) { () throws(Errno) in try socket.connect(to: address) }
      return StreamSocket.localAddress(of: socket.number)?.ip
    } catch {
      throw error.code
    }
  }
}
