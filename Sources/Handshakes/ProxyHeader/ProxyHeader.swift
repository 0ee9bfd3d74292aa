// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// The header of the PROXY protocol, with which a proxy tells a server whose connection it passes on.
package struct ProxyHeader: Equatable, Sendable {
  /// The form of the header.
  package enum Version: Int, CaseIterable, Sendable {
    /// A line of text.
    case one = 1
    /// Binary, with further values.
    case two = 2
  }

  /// The two ends of the client's connection to the proxy.
  package struct Ends: Equatable, Sendable {
    /// The client.
    package let source: Address
    /// The address that the client has connected to.
    package let destination: Address

    /// Creates the ends of a connection.
    package init(from source: Address, to destination: Address) {
      (self.source, self.destination) = (source, destination)
    }
  }

  /// The ends of the connection; `nil` if the proxy speaks for itself, or does not know them (LOCAL and UNKNOWN).
  package var ends: Ends?
  /// The further values, in order; version 1 has none.
  package var values: [ProxyHeaderValue] = []

  /// Creates a header.
  package init(_ ends: Ends?) { self.ends = ends }

  /// The first bytes of version 2.
  static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]

  /// The bytes of the header.
  package func bytes(_ version: Version) -> [UInt8] {
    switch version {
    case .one: Array("PROXY \(line)\r\n".utf8)
    case .two: binary
    }
  }

  /// The addresses in one family: an IPv4 address is written as an IPv6 one beside another.
  private var addresses: (source: IPAddress, destination: IPAddress, ports: [UInt16])? {
    guard let ends, case .internet(let source, let sourcePort) = ends.source,
      case .internet(let destination, let destinationPort) = ends.destination
    else { return nil }
    let (plainSource, plainDestination) = (source.unmapped, destination.unmapped)
    let isMixed = plainSource.family != plainDestination.family
    return (
      isMixed ? plainSource.mapped : plainSource, isMixed ? plainDestination.mapped : plainDestination,
      [sourcePort, destinationPort]
    )
  }

  private var line: String {
    guard let (source, destination, ports) = addresses else { return "UNKNOWN" }
    let family = source.family == .ipv4 ? "TCP4" : "TCP6"
    return "\(family) \(source.withoutZone) \(destination.withoutZone) \(ports[0]) \(ports[1])"
  }

  private var binary: [UInt8] {
    var content: [UInt8] = []
    var kind: [UInt8] = [0x20, 0]
    if let (source, destination, ports) = addresses {
      kind = [0x21, source.family == .ipv4 ? 0x11 : 0x21]
      content = source.bytes + destination.bytes + ports.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    }
    content += values.flatMap(\.bytes)
    // The checksum covers the whole header, with zeros in its own place.
    content += ProxyHeaderValue(.checksum, [0, 0, 0, 0]).bytes
    let bytes = Self.signature + kind + [UInt8(content.count >> 8), UInt8(content.count & 0xFF)] + content
    let sum = CRC32C.checksum(bytes)
    return bytes.dropLast(4) + (0..<4).map { UInt8(truncatingIfNeeded: sum >> (24 - 8 * $0)) }
  }
}

extension IPAddress {
  /// `::ffff:192.0.2.1` for an IPv4 address, any other address as it is.
  fileprivate var mapped: IPAddress {
    guard case .ipv4(let bytes) = self else { return self }
    return .ipv6([UInt8](repeating: 0, count: 10) + [0xFF, 0xFF] + bytes, zone: 0)
  }

  /// The address without its interface, which has no meaning on another host.
  fileprivate var withoutZone: IPAddress {
    guard case .ipv6(let bytes, _) = self else { return self }
    return .ipv6(bytes, zone: 0)
  }
}
