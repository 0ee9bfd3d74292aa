// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import COpenSSL
import Text

/// The identity of a peer that is known beforehand: the hash of its key or of its certificate.
package enum Pin: Equatable, Sendable {
  /// The public key, which outlives the renewal of a certificate.
  case publicKey(PublicKeyPin)
  /// One certificate.
  case certificate(CertificateFingerprint)

  /// Parses `sha256//BASE64`, as curl prints it, or `SHA256:HEX`, as OpenBSD's nc does, with or without colons between
  /// the digits; `nil` if it is neither.
  package init?(_ text: String) {
    if let pin = PublicKeyPin(text) {
      self = .publicKey(pin)
    } else if let fingerprint = CertificateFingerprint(text) {
      self = .certificate(fingerprint)
    } else {
      return nil
    }
  }

  /// Whether an `X509` has this identity.
  func matches(_ certificate: OpaquePointer) -> Bool {
    switch self {
    case .publicKey(let pin): unsafe pin == PublicKeyPin(of: certificate)
    case .certificate(let fingerprint): unsafe fingerprint == CertificateFingerprint(of: certificate)
    }
  }
}

/// The SHA-256 of a public key with its algorithm (RFC 7469, section 2.4).
package struct PublicKeyPin: Equatable, Sendable, CustomStringConvertible {
  private let base64: String

  private static let prefix = "sha256//"
  /// The number of characters of 32 bytes.
  private static let length = 44

  /// Parses `sha256//BASE64`; `nil` if it is anything else.
  package init?(_ text: String) {
    guard text.hasPrefix(Self.prefix) else { return nil }
    let digits = text.dropFirst(Self.prefix.count)
    // 32 bytes end with a character of which two bits are zero, and one `=`.
    guard digits.utf8.count == Self.length, digits.last == "=",
      let last = digits.dropLast().last, "AEIMQUYcgkosw048".contains(last),
      digits.dropLast().utf8.allSatisfy({
        $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "/")
      })
    else { return nil }
    base64 = String(digits)
  }

  /// The pin of the key of an `X509`.
  init(of certificate: OpaquePointer) {
    var encoded: UnsafeMutablePointer<UInt8>?
    let count = unsafe openssl.i2d_X509_PUBKEY(openssl.X509_get_X509_PUBKEY(certificate), &encoded)
    defer { unsafe openssl.CRYPTO_free(encoded, nil, 0) }
    let hash = unsafe Digest.sha256(UnsafeRawBufferPointer(start: encoded, count: max(0, Int(count))))
    base64 = Base64.text(of: hash.span)
  }

  /// The form that `--tls-pin` takes.
  package var description: String { Self.prefix + base64 }
}

/// The SHA-256 of a certificate.
package struct CertificateFingerprint: Equatable, Sendable {
  private let bytes: [UInt8]

  /// Parses `SHA256:HEX`; `nil` if it is anything else.
  package init?(_ text: String) {
    guard text.lowercased().hasPrefix("sha256:") else { return nil }
    let digits = text.dropFirst("sha256:".count).filter { $0 != ":" }
    guard digits.utf8.count == 64 else { return nil }
    var bytes: [UInt8] = []
    var rest = digits[...]
    while !rest.isEmpty {
      guard let byte = UInt8(rest.prefix(2), radix: 16), rest.first != "+", rest.first != "-" else {
        return nil
      }
      bytes.append(byte)
      rest = rest.dropFirst(2)
    }
    self.bytes = bytes
  }

  /// The fingerprint of an `X509`.
  init(of certificate: OpaquePointer) {
    var hash = [UInt8](repeating: 0, count: 32)
    var count: UInt32 = 32
    _ = unsafe openssl.X509_digest(certificate, openssl.EVP_sha256(), &hash, &count)
    bytes = hash
  }

  /// The SHA-1 of an `X509`, in hexadecimal digits.
  static func sha1(of certificate: OpaquePointer) -> String {
    var hash = [UInt8](repeating: 0, count: 20)
    var count: UInt32 = 20
    _ = unsafe openssl.X509_digest(certificate, openssl.EVP_sha1(), &hash, &count)
    return hexadecimal(hash)
  }

  /// The bytes in hexadecimal digits.
  package var text: String { Self.hexadecimal(bytes) }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

/// Hashes.
enum Digest {
  /// The SHA-256 of bytes.
  static func sha256(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var hash = [UInt8](repeating: 0, count: 32)
    _ = unsafe openssl.EVP_Digest(bytes.baseAddress, bytes.count, &hash, nil, openssl.EVP_sha256(), nil)
    return hash
  }
}
