// SPDX-License-Identifier: GPL-3.0-or-later

/// A further value in the header of the PROXY protocol: a type, a length and bytes.
package struct ProxyHeaderValue: Equatable, Sendable {
  /// The types in the specification.
  package enum Kind: UInt8, CaseIterable, Sendable {
    /// The application protocol that client and proxy have agreed on.
    case alpn = 0x01
    /// The name that the client has asked for.
    case authority = 0x02
    /// The checksum of the header.
    case checksum = 0x03
    /// Nothing: padding.
    case padding = 0x04
    /// An identifier of the connection.
    case unique = 0x05
    /// The client's TLS, with values of its own.
    case tls = 0x20
    /// Within those of TLS: the version.
    case tlsVersion = 0x21
    /// The common name of the client's certificate.
    case commonName = 0x22
    /// The cipher.
    case cipher = 0x23
    /// The algorithm that signed the certificate.
    case signature = 0x24
    /// The algorithm of its key.
    case key = 0x25
    /// The name of the network namespace.
    case namespace = 0x30

    /// The name for programs.
    package var name: String {
      switch self {
      case .alpn: "alpn"
      case .authority: "authority"
      case .checksum: "crc32c"
      case .padding: "noop"
      case .unique: "uniqueID"
      case .tls: "ssl"
      case .tlsVersion: "sslVersion"
      case .commonName: "sslCN"
      case .cipher: "sslCipher"
      case .signature: "sslSigAlg"
      case .key: "sslKeyAlg"
      case .namespace: "netns"
      }
    }
  }

  /// The type; not only those above exist.
  package let type: UInt8
  /// The value.
  package let value: [UInt8]

  /// Creates a value.
  package init(_ kind: Kind, _ value: [UInt8]) { self.init(type: kind.rawValue, value) }

  private init(type: UInt8, _ value: [UInt8]) { (self.type, self.value) = (type, value) }

  /// The client's TLS as its proxy knows it.
  ///
  /// - Parameters:
  ///   - isVerified: Whether the client has a certificate that is verified.
  ///   - version: The version, such as `TLSv1.3`.
  ///   - commonName: That of the client's certificate; `nil` for none.
  package static func tls(
    isVerified: Bool, hasCertificate: Bool, version: String, cipher: String, commonName: String?
  ) -> ProxyHeaderValue {
    let client: UInt8 = 0x01 | (hasCertificate ? 0x06 : 0)
    var bytes = [client, 0, 0, 0, !hasCertificate || isVerified ? 0 : 1]
    bytes += ProxyHeaderValue(.tlsVersion, Array(version.utf8)).bytes
    bytes += ProxyHeaderValue(.cipher, Array(cipher.utf8)).bytes
    if let commonName { bytes += ProxyHeaderValue(.commonName, Array(commonName.utf8)).bytes }
    return ProxyHeaderValue(.tls, bytes)
  }

  /// The bytes in the header.
  var bytes: [UInt8] { [type, UInt8(value.count >> 8), UInt8(value.count & 0xFF)] + value }

  /// Reads values that fill bytes exactly; `nil` if they do not.
  static func parse(_ bytes: ArraySlice<UInt8>) -> [ProxyHeaderValue]? {
    var rest = bytes
    var values: [ProxyHeaderValue] = []
    while !rest.isEmpty {
      guard rest.count >= 3 else { return nil }
      let head = Array(rest.prefix(3))
      rest = rest.dropFirst(3)
      let count = Int(head[1]) << 8 | Int(head[2])
      guard rest.count >= count else { return nil }
      values.append(ProxyHeaderValue(type: head[0], Array(rest.prefix(count))))
      rest = rest.dropFirst(count)
    }
    return values
  }

  /// The values within that of TLS, behind five bytes of flags; `nil` for any other value, or if they are malformed.
  package var inner: [ProxyHeaderValue]? {
    guard type == Kind.tls.rawValue, value.count >= 5 else { return nil }
    return Self.parse(value[5...])
  }
}
