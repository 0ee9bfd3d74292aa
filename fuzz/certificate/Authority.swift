// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import COpenSSL
import Glibc
import TLS

/// The authority whose responses are believed, and the certificate that they have to be about.
///
/// Their keys do not exist any more, so there are no signed responses but those that are here.
enum Authority {
  /// The `X509` of the authority.
  nonisolated(unsafe) static let certificate = unsafe certificate(in: "authority")
  /// The `X509` of the certificate.
  nonisolated(unsafe) static let subject = unsafe certificate(in: "certificate")
  /// The `X509_STORE` with the authority.
  nonisolated(unsafe) static let store: OpaquePointer = {
    guard let store = unsafe X509_STORE_new(), unsafe X509_STORE_add_cert(store, certificate) == 1 else {
      fatalError("the authority cannot be trusted")
    }
    _ = unsafe X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
    return unsafe store
  }()

  /// The number of the certificate.
  static let serial: [UInt8] = [1]

  /// The hashes of the authority's name and key, by the functions of OpenSSL that are in use.
  static let hashes: [(name: [UInt8], key: [UInt8])] = {
    guard let whole = DER(whole: bytes(of: "authority")[...]), let signed = whole.parts?.first?.parts,
      let key = signed[6].parts?.last
    else { fatalError("the authority cannot be read") }
    return [
      "MD5", "SHA1", "SHA2-224", "SHA2-256", "SHA2-384", "SHA2-512", "SHA2-512/224", "SHA2-512/256",
      "SHA3-224",
      "SHA3-256", "SHA3-384", "SHA3-512", "SM3", "RIPEMD160", "BLAKE2B-512", "BLAKE2S-256", "MD5-SHA1",
    ].compactMap { function in
      guard let name = try? OpenSSL.hash(Array(signed[5].encoded), by: function),
        let key = try? OpenSSL.hash(Array(key.content.dropFirst()), by: function)
      else { return nil }
      return (name, key)
    }
  }()

  /// The identifiers of SHA-1 and SHA-256.
  static let usualFunctions: [[UInt8]] = [
    [43, 14, 3, 2, 26], [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1],
  ]

  /// What the authority has signed about the certificate.
  static let signed = [
    "good", "delegated", "sha256", "endless", "revoked", "revoked-unreasoned", "unknown", "bare", "two",
  ].map { name in
    guard let single = StrictResponse(bytes(of: "response-\(name)"))?.singles.last, single.isAboutSubject
    else {
      fatalError("the response \(name) cannot be read")
    }
    return single
  }

  private static func certificate(in name: String) -> OpaquePointer {
    let bytes = bytes(of: name)
    let certificate = unsafe bytes.withUnsafeBufferPointer { bytes in
      var position = bytes.baseAddress
      return unsafe d2i_X509(nil, &position, bytes.count)
    }
    guard let certificate = unsafe certificate else { fatalError("\(name) is no certificate") }
    return unsafe certificate
  }

  /// The content of a file.
  private static func bytes(of name: String) -> [UInt8] {
    guard let file = unsafe fopen("fuzz/authority/\(name).der", "r") else {
      fatalError("\(name) is missing; run it from the top of the project")
    }
    defer { unsafe fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = unsafe fread(&bytes, 1, bytes.count, file)
    return Array(bytes[..<count])
  }
}
