// SPDX-License-Identifier: GPL-3.0-or-later

/// Why an OCSP response does not vouch for a certificate.
package enum StapleProblem: Error, Equatable, Sendable {
  /// The server has sent none.
  case missing
  /// It is not the DER of a response.
  case malformed
  /// It is an error of the responder (RFC 6960, section 4.2.1), by its name in OpenSSL.
  case unsuccessful(String)
  /// It is about other certificates only.
  case ofAnotherCertificate
  /// It is not signed by the issuer of the certificate, nor by a responder to which that has delegated it; with what
  /// OpenSSL says, if it says something.
  case untrusted(String?)
  /// It begins in the future, in seconds since 1970.
  case early(from: Int)
  /// Its time is over, in seconds since 1970; `nil` if it does not name an end, and is too old.
  case expired(from: Int, until: Int?)
  /// The authority does not know the certificate.
  case unknownCertificate
  /// The certificate was revoked at a moment, in seconds since 1970, for a reason, if one is given.
  case revoked(at: Int, reason: String?)

  /// Whether the authority has revoked the certificate: then it is refused even if no response is required.
  var isRevocation: Bool { if case .revoked = self { true } else { false } }

  /// What is wrong with the response, as the end of a sentence that begins with it.
  package var predicate: String {
    switch self {
    case .missing: "is missing"
    case .malformed: "is malformed"
    case .unsuccessful(let status): "has no status, but the error '\(status)'"
    case .ofAnotherCertificate: "is about another certificate"
    case .untrusted(let reason):
      "is not signed by the issuer of the certificate, or a responder of it"
        + (reason.map { " (\($0))" } ?? "")
    case .early(let start): "is not valid before \(CertificateSummary.date(start))"
    case .expired(let start, let end?):
      "is from \(CertificateSummary.date(start)), and expired on \(CertificateSummary.date(end))"
    case .expired(let start, nil): "is from \(CertificateSummary.date(start)), and too old"
    case .unknownCertificate: "says that the authority does not know the certificate"
    case .revoked(let moment, let reason):
      "says that the certificate was revoked on \(CertificateSummary.date(moment))"
        + (reason.map { " (\($0))" } ?? "")
    }
  }

  /// The problem with a server, in words.
  ///
  /// - Parameter isByCertificate: Whether it is the certificate that requires a response.
  func text(requiredByCertificate isByCertificate: Bool) -> String {
    switch self {
    case .missing:
      "the server sent no OCSP response" + (isByCertificate ? ", which its certificate requires" : "")
    case .revoked(let moment, let reason):
      "the certificate was revoked on \(CertificateSummary.date(moment))"
        + (reason.map { " (\($0))" } ?? "") + ", as its OCSP response says"
    default:
      "its OCSP response \(predicate)" + (isByCertificate ? "; the certificate requires a valid one" : "")
    }
  }
}
