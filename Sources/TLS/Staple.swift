// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import COpenSSL
import Sockets

/// The OCSP response that a server sends together with its certificate (RFC 6066, section 8).
struct Staple: Sendable {
  /// The response in DER.
  private let encoded: [UInt8]
  /// What it says of the certificate.
  private let status: CertificateStatus
  private let path: String

  /// Reads a response from a file.
  ///
  /// Its signature is verified if the issuer of the certificate is known: by the chain that clients get, or because the
  /// certificate is its own issuer.
  ///
  /// - Parameter context: The `SSL_CTX` with the certificate that it must be about.
  /// - Throws: The error of the file, or the reason why the response cannot be that of the certificate.
  init(from path: String, forCertificateIn context: OpaquePointer) throws(IOFailure) {
    self.path = path
    encoded = try Identity.content(of: path)
    guard let certificate = unsafe openssl.SSL_CTX_get0_certificate(context) else {
      throw IOFailure(.read(path), .malformed("there is no certificate that the OCSP response could be for"))
    }
    var chain: OpaquePointer?
    // SSL_CTX_get0_chain_certs
    _ = unsafe withUnsafeMutablePointer(to: &chain) {
      unsafe openssl.SSL_CTX_ctrl(context, SSL_CTRL_GET_CHAIN_CERTS, 0, $0)
    }
    do throws(StapleProblem) {
      let response = try OCSPResponse(encoded)
      let issuer = unsafe Self.issuer(of: certificate, in: chain)
      status = try unsafe response.status(of: certificate, issuedBy: issuer)
      guard let issuer = unsafe issuer else { return }
      let store = unsafe openssl.X509_STORE_new()
      defer { unsafe openssl.X509_STORE_free(store) }
      _ = unsafe openssl.X509_STORE_add_cert(store, issuer)
      _ = unsafe openssl.X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
      try unsafe response.verifySignature(trusting: store, through: chain)
    } catch {
      let reason =
        error == .malformed
        ? "not an OCSP response in DER (--tls-staple)" : "the OCSP response \(error.predicate)"
      throw IOFailure(.read(path), .malformed(reason))
    }
  }

  /// The certificate of a chain that has issued another one, which may be the other one itself.
  private static func issuer(of certificate: OpaquePointer, in chain: OpaquePointer?) -> OpaquePointer? {
    let first = unsafe chain.flatMap { unsafe openssl.OPENSSL_sk_value($0, 0) }.map { OpaquePointer($0) }
    let issuer = unsafe first ?? certificate
    return unsafe openssl.X509_check_issued(issuer, certificate) == X509_V_OK ? issuer : nil
  }

  /// The response in DER at a moment, in seconds since 1970; `nil` while it is not valid.
  ///
  /// Clients can do without a response, but some refuse one that has expired.
  func response(at now: Int) -> [UInt8]? { status.timeProblem(at: now) == nil ? encoded : nil }

  /// Why clients do not accept the certificate with this response at a moment, in seconds since 1970; `nil` if they do.
  func warning(at now: Int) -> String? {
    guard let problem = status.problem(at: now) else { return nil }
    let consequence =
      status.timeProblem(at: now) == nil ? "clients can refuse the certificate" : "it is not sent"
    return "\(path): the OCSP response \(problem.predicate): \(consequence)"
  }
}
