// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import COpenSSL
import Sockets
import Text

/// Why we refuse a peer's certificate.
struct VerificationProblem {
  /// What was found.
  enum Kind: Equatable {
    /// Verifying the chain or the name has ended with this `X509_V_ERR_` code.
    case code(CInt)
    /// No pin matches.
    case pin
    /// The certificate ends too soon.
    case endsSoon
    /// A client's certificate lacks the requested name.
    case clientName(String)
    /// The OCSP response that the server has sent, or that it has sent none.
    case staple(StapleProblem, requiredByCertificate: Bool)
  }

  /// What was found.
  let kind: Kind
  /// The certificate that is at fault, which may be one of the chain.
  let certificate: CertificateSummary?
  /// The peer's own certificate.
  let peer: CertificateSummary

  /// Whether the certificate is only for another name.
  var isOfName: Bool {
    switch kind {
    case .code(X509_V_ERR_HOSTNAME_MISMATCH), .code(X509_V_ERR_IP_ADDRESS_MISMATCH): true
    case .code, .pin, .endsSoon, .clientName, .staple: false
    }
  }

  /// The problem in words.
  ///
  /// - Parameters:
  ///   - server: The name that a server's certificate must be for; `nil` for a client's certificate.
  ///   - prefix: What precedes `tls-ca` and the like in the names of the options.
  func text(server: String?, options prefix: String = "--") -> String {
    switch kind {
    case .pin: "its key does not match a \(prefix)tls-pin (this one does: \(prefix)tls-pin \(peer.pin))"
    case .endsSoon:
      "the certificate ends on \(CertificateSummary.date(peer.notAfter)), in \(peer.daysLeftText)"
    case .clientName(let pattern): "the certificate is for \(names), not for '\(pattern)'"
    case .staple(let problem, let isByCertificate): problem.text(requiredByCertificate: isByCertificate)
    case .code(let code): text(code, server: server, options: prefix)
    }
  }

  private func text(_ code: CInt, server: String?, options prefix: String) -> String {
    switch code {
    case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
      peer.names.isEmpty
        ? "the certificate has no subjectAltName, and so no name to compare with '\(server ?? "")'"
        : "the certificate is for \(names), not for \(isAddress(server) ? "the address " : "")'\(server ?? "")'"
    case X509_V_ERR_CERT_HAS_EXPIRED:
      "the certificate\(ofIssuer) expired on \(CertificateSummary.date(atFault.notAfter))"
    case X509_V_ERR_CERT_NOT_YET_VALID:
      "the certificate\(ofIssuer) is not valid before \(CertificateSummary.date(atFault.notBefore))"
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
      X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
      X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      "the certificate is not signed by a trusted authority"
        + (server == nil ? "" : " (\(prefix)tls-ca FILE, or \(prefix)tls-pin \(peer.pin))")
    case X509_V_ERR_CERT_REVOKED: "the certificate\(ofIssuer) is revoked"
    case X509_V_ERR_INVALID_PURPOSE:
      "the certificate\(ofIssuer) must not be used by a \(server == nil ? "client" : "server")"
    case X509_V_ERR_UNABLE_TO_GET_CRL:
      "there is no revocation list of the authority of the certificate\(ofIssuer) (--tls-crl FILE)"
    case X509_V_ERR_PERMITTED_VIOLATION, X509_V_ERR_EXCLUDED_VIOLATION:
      "the certificate is for names that its authority must not certify"
    case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
      "the certificate\(ofIssuer) has an unknown critical extension"
    default: "the certificate\(ofIssuer) is refused: \(Self.standardText(code))"
    }
  }

  private func isAddress(_ server: String?) -> Bool { server.map { IPAddress($0) != nil } ?? false }

  private var atFault: CertificateSummary { certificate ?? peer }

  /// Names the authority if the certificate at fault is not the peer's own.
  private var ofIssuer: String {
    guard let certificate, certificate != peer else { return "" }
    return " of the authority '\(TerminalSafe.escape(certificate.subject))'"
  }

  /// The names of the certificate, as many as fit into a message.
  private var names: String {
    let names = peer.plainNames
    let shown = names.prefix(Self.mostNames).joined(separator: ", ")
    return "'\(TerminalSafe.escape(shown))\(names.count > Self.mostNames ? ", …" : "")'"
  }

  private static let mostNames = 5

  private static func standardText(_ code: CInt) -> String {
    unsafe OpenSSL.text(openssl.X509_verify_cert_error_string(Int(code)))
  }
}
