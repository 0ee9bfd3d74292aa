// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import Text

/// What a proxy is asked to connect to.
package struct ProxyTarget: Hashable, Sendable, CustomStringConvertible {
  /// The host of the target.
  package enum Host: Hashable, Sendable {
    /// A name, which the proxy looks up.
    case name(String)
    /// An address.
    case address(IPAddress)
  }

  /// The host.
  package let host: Host
  /// The port.
  package let port: UInt16

  /// Creates a target.
  package init(_ host: Host, port: UInt16) { (self.host, self.port) = (host, port) }

  /// The maximum number of bytes of a name.
  package static let longestName = 255

  /// The target with a name from a peer; `nil` if it is not one. An address as a text is an address; a number in any
  /// other spelling that the resolver takes for one is a name here, and judged like every other once it is looked up.
  init?(name: [UInt8], port: UInt16) {
    guard (1...Self.longestName).contains(name.count),
      name.allSatisfy({ $0.isLetter || $0.isDigit || "-._".utf8.contains($0) })
    else { return nil }
    let text = String(decoding: name, as: UTF8.self)
    self.init(IPAddress(text).map { .address($0) } ?? .name(text), port: port)
  }

  /// Host and port in the form of an authority (RFC 3986): `example.org:80`, `[2001:db8::1]:80`.
  package var description: String {
    switch host {
    case .name(let name): "\(name):\(port)"
    case .address(let address): "\(Address.internet(address, port: port))"
    }
  }

  /// The port in network order.
  var portBytes: [UInt8] { [UInt8(port >> 8), UInt8(truncatingIfNeeded: port)] }
}
