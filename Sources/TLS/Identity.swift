// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import COpenSSL
import Glibc
import Sockets
import SystemPackage
import Text

/// A certificate with its chain and its key.
///
/// It owns an `X509`, an `EVP_PKEY` and the `X509` of the authorities that it lists.
@safe struct Identity: ~Copyable {
  private let certificate: OpaquePointer
  private let chain: [OpaquePointer]
  private let key: OpaquePointer

  /// The longest file that is read, in bytes.
  private static let longestFile = 4 << 20

  private init(certificate: OpaquePointer, chain: [OpaquePointer], key: OpaquePointer) {
    unsafe self.certificate = certificate
    unsafe self.chain = chain
    unsafe self.key = key
  }

  deinit {
    unsafe openssl.X509_free(certificate)
    unsafe chain.forEach { unsafe openssl.X509_free($0) }
    unsafe openssl.EVP_PKEY_free(key)
  }

  /// Reads a certificate and its key from files, PEM or PKCS#12 by their content.
  ///
  /// - Throws: The error of a file, or the reason why its content cannot be used.
  init(from files: IdentityFiles) throws(IOFailure) {
    let content = try Self.content(of: files.certificate)
    let password = try files.passwordFile.map { (path) throws(IOFailure) in
      Array(try Self.content(of: path).prefix { $0 != ASCII.lineFeed && $0 != ASCII.carriageReturn })
    }
    guard Self.isPEM(content) else {
      guard files.key == nil else {
        throw IOFailure(
          .read(files.certificate), .malformed("not PEM, and only a certificate in PEM goes with --tls-key"))
      }
      self = try Self.container(content, path: files.certificate, password)
      return
    }
    let keyPath = files.key ?? files.certificate
    let keyContent = files.key == nil ? content : try Self.content(of: keyPath)
    let certificates = unsafe Self.certificates(in: content)
    guard let certificate = unsafe certificates.first else {
      throw IOFailure(.read(files.certificate), .malformed("no certificate in PEM or PKCS#12"))
    }
    do {
      unsafe self.init(
        certificate: certificate, chain: Array(certificates.dropFirst()),
        key: try Self.key(in: keyContent, path: keyPath, password))
    } catch {
      unsafe certificates.forEach { unsafe openssl.X509_free($0) }
      throw error
    }
  }

  /// Reads a file.
  static func content(of path: String) throws(IOFailure) -> [UInt8] {
    do { return try RegularFile.bytes(ofAny: path, atMost: longestFile) } catch {
      throw IOFailure(.read(path), error)
    }
  }

  /// Whether the content of a file is text with PEM blocks.
  static func isPEM(_ content: [UInt8]) -> Bool {
    content.split(separator: ASCII.lineFeed).contains { $0.starts(with: Array("-----BEGIN ".utf8)) }
  }

  /// All certificates of a PEM file; the caller owns them.
  static func certificates(in content: [UInt8]) -> [OpaquePointer] {
    unsafe withMemory(content) { memory in
      var certificates: [OpaquePointer] = unsafe []
      while let certificate = unsafe openssl.PEM_read_bio_X509_AUX(memory, nil, nil, nil) {
        unsafe certificates.append(certificate)
      }
      openssl.ERR_clear_error()
      return unsafe certificates
    }
  }

  private static func key(
    in content: [UInt8], path: String, _ password: [UInt8]?
  ) throws(IOFailure) -> OpaquePointer {
    let prompt = PasswordPrompt(password)
    let key = unsafe withMemory(content) { memory in
      unsafe openssl.PEM_read_bio_PrivateKey(
        memory, nil, PasswordPrompt.callback, Unmanaged.passUnretained(prompt).toOpaque())
    }
    openssl.ERR_clear_error()
    if let key = unsafe key { return unsafe key }
    throw IOFailure(
      .read(path), .malformed(prompt.wasAsked ? prompt.complaint : "no private key in PEM (--tls-key FILE)"))
  }

  private static func container(
    _ content: [UInt8], path: String, _ password: [UInt8]?
  ) throws(IOFailure) -> Identity {
    let container = unsafe withMemory(content) { unsafe openssl.d2i_PKCS12_bio($0, nil) }
    guard let container = unsafe container else {
      openssl.ERR_clear_error()
      throw IOFailure(.read(path), .malformed("neither PEM nor PKCS#12"))
    }
    defer { unsafe openssl.PKCS12_free(container) }
    let prompt = PasswordPrompt(password)
    var key: OpaquePointer?
    var certificate: OpaquePointer?
    var issuers: OpaquePointer?
    func parse(_ password: [CChar]) -> Bool {
      unsafe openssl.PKCS12_parse(container, password, &key, &certificate, &issuers) == 1
    }
    // Without a password file the container may have none.
    if !(password == nil && parse([0])), !parse(prompt.answer().map { CChar(bitPattern: $0) } + [0]) {
      openssl.ERR_clear_error()
      throw IOFailure(.read(path), .malformed(prompt.complaint))
    }
    openssl.ERR_clear_error()
    let chain = unsafe takeAll(of: issuers)
    guard let certificate = unsafe certificate, let key = unsafe key else {
      throw IOFailure(.read(path), .malformed("the PKCS#12 container lacks a certificate or its key"))
    }
    return unsafe Identity(certificate: certificate, chain: chain, key: key)
  }

  /// Takes the certificates out of a stack, and releases it.
  private static func takeAll(of stack: OpaquePointer?) -> [OpaquePointer] {
    guard let stack = unsafe stack else { return unsafe [] }
    let all = unsafe (0..<max(0, openssl.OPENSSL_sk_num(stack))).compactMap { index in
      unsafe openssl.OPENSSL_sk_value(stack, index).map { OpaquePointer($0) }
    }
    unsafe openssl.OPENSSL_sk_free(stack)
    return unsafe all
  }

  /// Calls a closure with a memory `BIO` over bytes.
  static func withMemory<Result>(_ bytes: [UInt8], _ body: (OpaquePointer?) -> Result) -> Result {
    unsafe bytes.withUnsafeBytes { buffer in
      let memory = unsafe openssl.BIO_new_mem_buf(buffer.baseAddress, CInt(buffer.count))
      defer { _ = unsafe openssl.BIO_free(memory) }
      return unsafe body(memory)
    }
  }

  /// The bytes of a memory `BIO`.
  static func bytes(in memory: OpaquePointer) -> [UInt8] {
    var data: UnsafeMutablePointer<CChar>?
    let count = unsafe withUnsafeMutablePointer(to: &data) {
      unsafe openssl.BIO_ctrl(memory, BIO_CTRL_INFO, 0, $0)
    }
    return unsafe Array(UnsafeRawBufferPointer(start: data, count: max(0, count)))
  }

  /// A new certificate for names and addresses, signed with its own key and SHA-256, for 30 days.
  ///
  /// - Throws: The reason why a name cannot be in a certificate.
  init(selfSignedFor names: [String], _ kind: TLSServerSettings.SelfSignedKey) throws(IOFailure) {
    guard let key = unsafe Self.newKey(kind) else { throw Self.creationFailure() }
    do {
      unsafe self.init(certificate: try Self.selfSigned(for: names, key), chain: [], key: key)
    } catch {
      unsafe openssl.EVP_PKEY_free(key)
      throw error
    }
  }

  private static func creationFailure() -> IOFailure {
    IOFailure(.create("a certificate"), .malformed(OpenSSL.takeError().text))
  }

  private static func newKey(_ kind: TLSServerSettings.SelfSignedKey) -> OpaquePointer? {
    let name = kind == .rsa ? "RSA" : "EC"
    guard let context = unsafe openssl.EVP_PKEY_CTX_new_from_name(nil, name, nil) else { return nil }
    defer { unsafe openssl.EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    guard unsafe openssl.EVP_PKEY_keygen_init(context) == 1,
      unsafe kind == .rsa
        ? openssl.EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048) == 1
        : openssl.EVP_PKEY_CTX_set_group_name(context, "P-256") == 1,
      unsafe openssl.EVP_PKEY_generate(context, &key) == 1
    else { return nil }
    return unsafe key
  }

  private static func selfSigned(
    for names: [String], _ key: OpaquePointer
  ) throws(IOFailure) -> OpaquePointer {
    guard let certificate = unsafe openssl.X509_new() else { throw creationFailure() }
    do {
      try unsafe fill(certificate, names, key)
      return unsafe certificate
    } catch {
      unsafe openssl.X509_free(certificate)
      throw error
    }
  }

  private static func fill(
    _ certificate: OpaquePointer, _ names: [String], _ key: OpaquePointer
  ) throws(IOFailure) {
    let subject = unsafe openssl.X509_get_subject_name(certificate)
    // 63 bits, because a serial number is positive.
    var serial: UInt64 = 0
    let isFilled = unsafe withUnsafeMutableBytes(of: &serial) { bytes in
      unsafe openssl.RAND_bytes(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), CInt(bytes.count))
        == 1
    }
    let commonName = Array((names.first ?? "localhost").utf8.prefix(64))
    guard isFilled, unsafe openssl.X509_set_version(certificate, 2) == 1,
      unsafe openssl.ASN1_INTEGER_set_uint64(openssl.X509_get_serialNumber(certificate), serial >> 1 | 1)
        == 1,
      unsafe openssl.X509_gmtime_adj(openssl.X509_getm_notBefore(certificate), -clockTolerance) != nil,
      unsafe openssl.X509_gmtime_adj(openssl.X509_getm_notAfter(certificate), lifetime) != nil,
      unsafe openssl.X509_set_pubkey(certificate, key) == 1,
      unsafe openssl.X509_NAME_add_entry_by_txt(
        subject, "CN", MBSTRING_UTF8, commonName, CInt(commonName.count), -1, 0) == 1,
      unsafe openssl.X509_set_issuer_name(certificate, subject) == 1
    else { throw creationFailure() }
    try unsafe addExtensions(to: certificate, names)
    guard unsafe openssl.X509_sign(certificate, key, openssl.EVP_sha256()) > 0 else {
      throw creationFailure()
    }
  }

  private static func addExtensions(to certificate: OpaquePointer, _ names: [String]) throws(IOFailure) {
    var context = unsafe X509V3_CTX()
    unsafe openssl.X509V3_set_ctx(&context, certificate, certificate, nil, nil, 0)
    // The identifier of the authority's key is a copy of the one before.
    for (kind, value) in [
      (NID_basic_constraints, "critical,CA:FALSE"), (NID_key_usage, "critical,digitalSignature"),
      (NID_ext_key_usage, "serverAuth"), (NID_subject_key_identifier, "hash"),
      (NID_authority_key_identifier, "keyid:always"), (NID_subject_alt_name, try alternativeNames(names)),
    ] {
      guard let part = unsafe openssl.X509V3_EXT_nconf_nid(nil, &context, kind, value) else {
        throw creationFailure()
      }
      defer { unsafe openssl.X509_EXTENSION_free(part) }
      guard unsafe openssl.X509_add_ext(certificate, part, -1) == 1 else { throw creationFailure() }
    }
  }

  /// The value of subjectAltName in the library's syntax, in which a comma would begin another name.
  private static func alternativeNames(_ names: [String]) throws(IOFailure) -> String {
    try names.map { (name) throws(IOFailure) in
      switch IPAddress(name) {
      // An interface has no place in a certificate.
      case .ipv6(let bytes, _)?: return "IP:\(IPAddress.ipv6(bytes, zone: 0))"
      case let address?: return "IP:\(address)"
      case nil: break
      }
      guard !name.isEmpty,
        name.utf8.allSatisfy({ $0.isLetter || $0.isDigit || "-._*".utf8.contains($0) })
      else {
        throw IOFailure(
          .create("a certificate"), .malformed("'\(TerminalSafe.escape(name))' is not a host name"))
      }
      return "DNS:\(name)"
    }.joined(separator: ",")
  }

  /// The lifetime of a self-signed certificate, in seconds: 30 days.
  private static let lifetime = 30 * 86_400
  /// The time by which a peer's clock may be slow, in seconds.
  private static let clockTolerance = 3600

  /// Describes the certificate.
  var summary: CertificateSummary { unsafe CertificateSummary(of: certificate) }

  /// Makes a context present the certificate.
  ///
  /// - Returns: The reason if the key does not belong to the certificate, or either is too weak; `nil` on success.
  func use(in context: OpaquePointer) -> String? {
    defer { openssl.ERR_clear_error() }
    guard unsafe openssl.SSL_CTX_use_certificate(context, certificate) == 1 else {
      return OpenSSL.takeError().text
    }
    // SSL_CTX_add1_chain_cert
    let isChained = unsafe chain.allSatisfy {
      unsafe openssl.SSL_CTX_ctrl(context, SSL_CTRL_CHAIN_CERT, 1, UnsafeMutableRawPointer($0)) == 1
    }
    guard isChained else { return OpenSSL.takeError().text }
    guard unsafe openssl.SSL_CTX_use_PrivateKey(context, key) == 1,
      unsafe openssl.SSL_CTX_check_private_key(context) == 1
    else { return "the key does not belong to the certificate" }
    return nil
  }
}

/// The password of a private key: from a file, or from the person at the terminal.
private final class PasswordPrompt {
  private let password: [UInt8]?
  /// Whether the key needed a password.
  private(set) var wasAsked = false

  init(_ password: [UInt8]?) { self.password = password }

  /// What is wrong if the key could not be read after all.
  var complaint: String {
    password == nil ? "a password is needed (--tls-key-password-file FILE)" : "the password is wrong"
  }

  /// The password, as bytes.
  func answer() -> [UInt8] {
    wasAsked = true
    if let password { return password }
    return (try? OpenSSL.readPassword("Password of the key: ")) ?? []
  }

  static let callback:
    @convention(c) (UnsafeMutablePointer<CChar>?, CInt, CInt, UnsafeMutableRawPointer?) -> CInt = {
      buffer, size, _, context in
      guard let context = unsafe context, let buffer = unsafe buffer else { return -1 }
      let password = unsafe Unmanaged<PasswordPrompt>.fromOpaque(context).takeUnretainedValue().answer()
      guard !password.isEmpty, password.count <= Int(size) else { return -1 }
      for (index, byte) in password.enumerated() { unsafe buffer[index] = CChar(bitPattern: byte) }
      return CInt(password.count)
    }
}
