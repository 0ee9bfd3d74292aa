// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import COpenSSL
package import Sockets
import SystemPackage
import Transport

/// The distribution's OpenSSL library.
package enum OpenSSL {
  /// The result of loading it, which happens at the first use: the reason why it cannot be used, or `nil`.
  private static let problem: String? = {
    if let reason = unsafe copenssl_load() { return unsafe String(cString: reason) }
    // Without the clean-up at the exit of the process, when threads may still use the library.
    guard unsafe openssl.OPENSSL_init_ssl(UInt64(OPENSSL_INIT_NO_ATEXIT), nil) == 1 else {
      return "libssl.so.3 cannot be initialised"
    }
    return nil
  }()

  /// Makes the functions of `openssl` available.
  ///
  /// - Throws: The reason why the library cannot be used.
  package static func load() throws(IOFailure) {
    guard let problem else { return }
    throw IOFailure(
      .create("a TLS connection"),
      .missing("\(problem) (package libssl3 or libssl3t64 on Debian, openssl-libs on Fedora)"))
  }

  /// The version of the library, such as `OpenSSL 3.0.19 27 Jan 2026`.
  ///
  /// - Throws: The reason why the library cannot be used.
  package static func version() throws(IOFailure) -> String {
    try load()
    return unsafe text(openssl.OpenSSL_version(OPENSSL_VERSION))
  }

  /// Loads the hash functions, which may not be possible later. An error shows when one is used.
  package static func prepareHashes() { for name in ["MD5", "SHA-256"] { _ = try? hash([], by: name) } }

  /// Calculates a hash.
  ///
  /// - Parameter name: The function, such as `SHA-256`.
  /// - Throws: The reason why the library, or the function, cannot be used.
  package static func hash(_ bytes: [UInt8], by name: String) throws(IOFailure) -> [UInt8] {
    try load()
    var hash = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count = 0
    guard unsafe openssl.EVP_Q_digest(nil, name, nil, bytes, bytes.count, &hash, &count) == 1 else {
      openssl.ERR_clear_error()
      throw IOFailure(.create("a hash"), .missing("this OpenSSL has no \(name)"))
    }
    return Array(hash.prefix(count))
  }

  /// Asks for a password on the terminal, which does not show it.
  ///
  /// - Returns: `nil` without a terminal, or if the question was not answered.
  /// - Throws: The reason why the library cannot be used.
  package static func readPassword(_ prompt: String) throws(IOFailure) -> [UInt8]? {
    try load()
    // The library would read standard input if there is no terminal.
    guard let terminal = unsafe try? FileDescriptor.open("/dev/tty", .readWrite) else { return nil }
    try? terminal.close()
    var answer = [CChar](repeating: 0, count: 1024)
    guard unsafe openssl.EVP_read_pw_string(&answer, CInt(answer.count), prompt, 0) == 0 else { return nil }
    return answer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
  }

  /// The text of a C string that the library owns; empty if there is none.
  static func text(_ string: UnsafePointer<CChar>?) -> String {
    guard let string = unsafe string else { return "" }
    return unsafe String(cString: string)
  }

  /// Takes the last error of the calling thread's queue, which is that of the outermost layer, and empties the queue.
  static func takeError() -> OpenSSLError {
    let code = openssl.ERR_peek_last_error()
    openssl.ERR_clear_error()
    return OpenSSLError(code: code)
  }
}

/// An error of the library, as `ERR_get_error` returns it.
struct OpenSSLError {
  /// The packed code; 0 for no error.
  let code: UInt

  /// The reason without the library it comes from, such as `SSL_R_WRONG_VERSION_NUMBER`; 0 for no error.
  var reason: CInt { ERR_GET_REASON(code) }

  /// The number of the TLS library in codes.
  private static let ofTLS = CInt(ERR_LIB_SSL)
  /// Whether the code is one of the TLS library, whose reasons are the `SSL_R_` constants.
  var isOfTLS: Bool { ERR_GET_LIB(code) == Self.ofTLS }

  /// The alert that the peer has sent; `nil` if the error is another one.
  var receivedAlert: Alert? {
    let first = CInt(SSL_AD_REASON_OFFSET)
    guard isOfTLS, (first...first + 255).contains(reason) else { return nil }
    return Alert(number: UInt8(reason - first), direction: .received)
  }

  /// The library's words for the reason.
  var text: String {
    guard let text = unsafe openssl.ERR_reason_error_string(code) else { return "unknown error" }
    return unsafe String(cString: text)
  }
}
