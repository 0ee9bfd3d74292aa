// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import COpenSSL
import Sockets
import Text

/// Applies settings to an `SSL_CTX`.
extension TLSContext {
  /// Opens the file of secrets; `nil` if there is none to be written.
  static func openKeyLog(_ settings: TLSSettings) throws(IOFailure) -> OutputFile? {
    guard let path = settings.keyLog else { return nil }
    return try OutputFile(path, existing: .continued, isPrivate: true)
  }

  /// Creates an `SSL_CTX`. The corresponding C function is `SSL_CTX_new`.
  static func makePointer(_ method: OpaquePointer?) throws(IOFailure) -> OpaquePointer {
    guard let pointer = unsafe openssl.SSL_CTX_new(method) else { throw failure("TLS") }
    return unsafe pointer
  }

  /// The failure of a setting.
  static func failure(_ setting: String) -> IOFailure {
    IOFailure(.set(setting), .malformed(OpenSSL.takeError().text))
  }

  /// Makes a context present the certificate of the files, if there are any.
  static func useFiles(
    of settings: TLSSettings, in context: OpaquePointer
  ) throws(IOFailure) -> CertificateSummary? {
    guard let files = settings.identity else { return nil }
    return try unsafe use(try Identity(from: files), in: context, from: files.key ?? files.certificate)
  }

  /// Makes a context present a certificate.
  ///
  /// - Parameter source: The file of its key, for messages.
  static func use(
    _ identity: borrowing Identity, in context: OpaquePointer, from source: String
  ) throws(IOFailure) -> CertificateSummary {
    if let problem = unsafe identity.use(in: context) { throw IOFailure(.read(source), .malformed(problem)) }
    return identity.summary
  }

  /// Applies what both sides can choose: versions, ciphers, groups and revocation lists.
  static func configure(_ context: OpaquePointer, _ settings: TLSSettings) throws(IOFailure) {
    _ = unsafe openssl.SSL_CTX_set_options(context, copenssl_no_renegotiation | copenssl_no_compression)
    for (command, version) in [
      (SSL_CTRL_SET_MIN_PROTO_VERSION, settings.minimum), (SSL_CTRL_SET_MAX_PROTO_VERSION, settings.maximum),
    ] {
      let number =
        settings.isDatagram ? DTLS1_2_VERSION : version == .tls12 ? TLS1_2_VERSION : TLS1_3_VERSION
      guard unsafe openssl.SSL_CTX_ctrl(context, command, Int(number), nil) == 1 else {
        throw failure("TLS \(version.rawValue)")
      }
    }
    // A write may be repeated from another buffer, and an idle connection holds no buffers.
    let modes = copenssl_moving_write_buffer | copenssl_release_buffers
    _ = unsafe openssl.SSL_CTX_ctrl(context, SSL_CTRL_MODE, modes, nil)
    // Many records are received by one call.
    _ = unsafe openssl.SSL_CTX_ctrl(context, SSL_CTRL_SET_READ_AHEAD, 1, nil)
    if settings.isDatagram {
      // The size of datagrams is ours to decide: nothing here has a socket to ask.
      _ = unsafe openssl.SSL_CTX_set_options(context, copenssl_no_query_mtu)
    } else {
      unsafe openssl.SSL_CTX_set_default_read_buffer_len(context, readBufferSize)
    }
    try unsafe setCiphers(settings, in: context)
    if let groups = settings.groups {
      let isSet = unsafe groups.withCString {
        unsafe openssl.SSL_CTX_ctrl(
          context, SSL_CTRL_SET_GROUPS_LIST, 0, UnsafeMutableRawPointer(mutating: $0))
      }
      guard isSet == 1 else {
        openssl.ERR_clear_error()
        throw IOFailure(.set("--tls-groups"), .malformed("no such group in '\(TerminalSafe.escape(groups))'"))
      }
    }
    let store = unsafe openssl.SSL_CTX_get_cert_store(context)
    for path in settings.revocationLists { try unsafe addRevocations(from: path, to: store) }
    let flags =
      (settings.revocationLists.isEmpty ? 0 : UInt(X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL))
      | (settings.isStrict ? UInt(X509_V_FLAG_X509_STRICT) : 0)
    _ = unsafe openssl.X509_STORE_set_flags(store, flags)
  }

  /// The number of bytes that one call can receive: eight records of full length. The end of a record that does not fit
  /// would take another call.
  private static let readBufferSize = 8 * (16_384 + 22)
  /// The ciphers of TLS 1.2 by default: forward secrecy and authenticated encryption.
  private static let defaultCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20"

  private static func setCiphers(_ settings: TLSSettings, in context: OpaquePointer) throws(IOFailure) {
    guard let ciphers = settings.ciphers else {
      _ = unsafe openssl.SSL_CTX_set_cipher_list(context, defaultCiphers)
      return
    }
    // The names of TLS 1.3 are those of the standard.
    let names = ciphers.split(separator: ":")
    let newer = names.filter { $0.hasPrefix("TLS_") }.joined(separator: ":")
    let older = names.filter { !$0.hasPrefix("TLS_") }.joined(separator: ":")
    // A version without a cipher in the list is not spoken.
    let isPossible =
      !(newer.isEmpty && settings.minimum == .tls13 || older.isEmpty && settings.maximum == .tls12)
    let (command, version) =
      newer.isEmpty
      ? (SSL_CTRL_SET_MAX_PROTO_VERSION, TLS1_2_VERSION) : (SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_3_VERSION)
    if newer.isEmpty || older.isEmpty { _ = unsafe openssl.SSL_CTX_ctrl(context, command, Int(version), nil) }
    let areSet =
      unsafe (newer.isEmpty || openssl.SSL_CTX_set_ciphersuites(context, newer) == 1)
      && (older.isEmpty || openssl.SSL_CTX_set_cipher_list(context, older) == 1)
    openssl.ERR_clear_error()
    guard areSet, isPossible, !names.isEmpty else {
      throw IOFailure(
        .set("--tls-ciphers"), .malformed("no such cipher in '\(TerminalSafe.escape(ciphers))'"))
    }
  }

  private static func addRevocations(from path: String, to store: OpaquePointer?) throws(IOFailure) {
    let content = try Identity.content(of: path)
    let count = unsafe Identity.withMemory(content) { memory in
      var count = 0
      while let list = unsafe openssl.PEM_read_bio_X509_CRL(memory, nil, nil, nil) {
        _ = unsafe openssl.X509_STORE_add_crl(store, list)
        unsafe openssl.X509_CRL_free(list)
        count += 1
      }
      return count
    }
    openssl.ERR_clear_error()
    guard count > 0 else { throw IOFailure(.read(path), .malformed("no revocation list in PEM")) }
  }

  /// Trusts the authorities of files and directories, or else those of the system.
  static func trust(_ paths: [String], in context: OpaquePointer) throws(IOFailure) {
    guard !paths.isEmpty else {
      _ = unsafe openssl.SSL_CTX_set_default_verify_paths(context)
      openssl.ERR_clear_error()
      return
    }
    let store = unsafe openssl.SSL_CTX_get_cert_store(context)
    for path in paths {
      if (try? FileStatus(ofPath: path).kind) == .directory {
        guard unsafe openssl.X509_STORE_load_path(store, path) == 1 else { throw failure(path) }
        continue
      }
      let certificates = unsafe Identity.certificates(in: try Identity.content(of: path))
      unsafe certificates.forEach {
        _ = unsafe openssl.X509_STORE_add_cert(store, $0)
        unsafe openssl.X509_free($0)
      }
      openssl.ERR_clear_error()
      guard unsafe !certificates.isEmpty else {
        throw IOFailure(.read(path), .malformed("no certificate in PEM"))
      }
    }
  }
}
