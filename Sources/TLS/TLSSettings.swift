// SPDX-License-Identifier: GPL-3.0-or-later

/// A version of the protocol.
package enum TLSVersion: String, CaseIterable, Comparable, Sendable {
  /// RFC 5246.
  case tls12 = "1.2"
  /// RFC 8446.
  case tls13 = "1.3"

  package static func < (first: TLSVersion, second: TLSVersion) -> Bool { first.rawValue < second.rawValue }
}

/// What both sides of a connection can choose.
package struct TLSSettings: Sendable {
  /// What precedes `tls-ca` and the like in the names of the options, for messages.
  package var optionPrefix = "--"
  /// The lowest and the highest version.
  package var minimum = TLSVersion.tls12
  package var maximum = TLSVersion.tls13
  /// The ciphers of both versions, in OpenSSL's syntax; `nil` for the default, which has none with CBC.
  package var ciphers: String?
  /// The groups for the key exchange, in OpenSSL's syntax; `nil` for its default.
  package var groups: String?
  /// The application protocols, with the preferred one first; empty to agree on none.
  package var applicationProtocols: [String] = []
  /// Our certificate; `nil` for none.
  package var identity: IdentityFiles?
  /// Files and directories of trusted authorities; empty for those of the system.
  package var authorities: [String] = []
  /// The identities of which the peer must have one; empty for any.
  package var pins: [Pin] = []
  /// Files of revocation lists; if there are any, each certificate must be covered by one.
  package var revocationLists: [String] = []
  /// Whether certificates must follow RFC 5280 strictly.
  package var isStrict = false
  /// The file to which secrets are appended so that recorded traffic can be read; `nil` for none.
  package var keyLog: String?
  /// Whether datagrams are protected, by DTLS 1.2, rather than a stream.
  package var isDatagram = false
  /// The maximum size of the datagrams of a DTLS handshake, in bytes of UDP payload.
  package var datagramSize = TLSSettings.usualDatagramSize
  /// Whether an end of the connection without close_notify is an end of the stream.
  package var allowsTruncation = false

  /// Whether the chain of a peer's certificate is verified: a pin alone takes the place of that.
  var verifiesChain: Bool { pins.isEmpty || !authorities.isEmpty }

  /// A size that fits every path of IPv6, whose packets have at least 1280 bytes.
  package static let usualDatagramSize = 1200
  /// The sizes that the library works with: from its smallest to the longest record.
  package static let datagramSizes = 280...16_384

  /// The files that are read.
  package var paths: [String] {
    let own = [identity?.certificate, identity?.key, identity?.passwordFile].compactMap(\.self)
    return own + authorities + revocationLists
  }

  /// Creates the default settings.
  package init() {}
}

/// The files of our certificate.
package struct IdentityFiles: Sendable {
  /// A chain in PEM, with or without the key, or a PKCS#12 container.
  package var certificate: String
  /// The key in PEM; `nil` if it is in the file of the certificate.
  package var key: String?
  /// The file whose first line is the password of the key; `nil` to ask on the terminal if there is one.
  package var passwordFile: String?

  /// Refers to files.
  package init(certificate: String, key: String? = nil, passwordFile: String? = nil) {
    self.certificate = certificate
    self.key = key
    self.passwordFile = passwordFile
  }
}

/// What a client chooses.
package struct TLSClientSettings: Sendable {
  /// What both sides can choose.
  package var common = TLSSettings()
  /// The name or address that the server's certificate must be for.
  package var name: String
  /// Whether the common name counts if a certificate has no alternative names.
  package var acceptsCommonName = false
  /// The name that is sent as Server Name Indication (RFC 6066); `nil` for none.
  package var indication: String?
  /// Whether the server is verified.
  package var isVerified = true
  /// Whether that includes the name; otherwise a certificate of any name is accepted.
  package var verifiesName = true
  /// The time for which its certificate must remain valid.
  package var minimumValidity = Duration.zero
  /// Whether the server must send an OCSP response by which its certificate is good. It must be verified, by more than a
  /// pin, and no session may be resumed: that has no response.
  package var requiresStaple = false
  /// The time that the server has for the handshake; `nil` if the caller limits it.
  package var handshakeLimit: Duration?
  /// The file with the session to resume, and for the next one; `nil` for none.
  package var sessionFile: String?

  /// Creates the settings for a server.
  package init(name: String) { self.name = name }
}

/// What a server chooses.
package struct TLSServerSettings: Sendable {
  /// Whether clients must have a certificate.
  package enum ClientAuthentication: String, CaseIterable, Sendable {
    /// They are not asked for one.
    case none
    /// They are asked for one, which is verified if there is one.
    case request
    /// Only clients with a certificate are served.
    case require
  }

  /// The kind of the key of a new certificate.
  package enum SelfSignedKey: Sendable {
    /// ECDSA with P-256.
    case ecdsa
    /// RSA with 2048 bits.
    case rsa
  }

  /// What both sides can choose.
  package var common = TLSSettings()
  /// The names and addresses of a new self-signed certificate; `nil` to use the files of `common`.
  package var selfSignedNames: [String]?
  /// The file of the OCSP response for the certificate, in DER; `nil` for none.
  package var staple: String?
  /// The key of such a certificate.
  package var selfSignedKey = SelfSignedKey.ecdsa
  /// Whether clients must have a certificate.
  package var clientAuthentication = ClientAuthentication.none
  /// The name that the client's certificate must have, with `*` for a first label; `nil` for any.
  package var clientName: String?
  /// Whether clients get tickets to resume their sessions with.
  package var sendsTickets = true
  /// The time that a client has for the handshake; `nil` for no limit.
  package var handshakeLimit: Duration? = .seconds(10)

  /// Creates the default settings.
  package init() {}
}
