// SPDX-License-Identifier: GPL-3.0-or-later

import TLS
import Text
import Transport

/// A peer's certificate, for programs.
struct CertificateRecord: Encodable {
  /// The distinguished name of the owner.
  let subject: String
  /// The distinguished name of the authority.
  let issuer: String
  /// The names that it is for, with their kinds.
  let names: [String]
  /// The first and the last moment of its validity, in the format of RFC 3339.
  let notBefore: String
  let notAfter: String
  /// The number of whole days until it ends; negative once it has ended.
  let daysLeft: Int
  /// The SHA-256 of the certificate, in hexadecimal digits.
  let sha256: String
  /// The pin of its key.
  let pin: String

  /// Creates the record of a certificate.
  init(_ certificate: CertificateSummary) {
    subject = TerminalSafe.escapeBytes(certificate.subject)
    issuer = TerminalSafe.escapeBytes(certificate.issuer)
    names = certificate.names.map(TerminalSafe.escapeBytes)
    notBefore = Timestamp.text(seconds: certificate.notBefore)
    notAfter = Timestamp.text(seconds: certificate.notAfter)
    daysLeft = certificate.daysLeft
    sha256 = certificate.sha256
    pin = "\(certificate.pin)"
  }
}

/// What the OCSP response of a server says of its certificate, for programs.
struct StapleRecord: Encodable {
  /// `good` or `unusable`.
  let status: String
  /// When the authority has stated it, and when it will have stated it again, in the format of RFC 3339.
  var thisUpdate: String?
  var nextUpdate: String?
  /// Why the response is of no use.
  var reason: String?

  /// Creates the record of a response.
  init(_ staple: StapledStatus) {
    switch staple {
    case .unusable(let problem):
      status = "unusable"
      reason = "it \(problem.predicate)"
    case .good(let found):
      status = "good"
      thisUpdate = Timestamp.text(seconds: found.thisUpdate)
      nextUpdate = found.nextUpdate.map { Timestamp.text(seconds: $0) }
    }
  }
}

/// An alert that a peer has sent, for programs.
struct AlertRecord: Encodable {
  /// The number on the wire.
  let number: UInt8
  /// The name in the standard.
  let name: String
  /// Who has sent it.
  let direction: String

  /// Creates the record of an alert.
  init(_ alert: Alert) {
    number = alert.number
    name = alert.name
    direction = alert.direction.rawValue
  }
}

extension TLSSummary {
  /// The event as one line for people.
  func text(_ remote: some CustomStringConvertible) -> String {
    let identity =
      switch (isVerified, peer) {
      case (true, let peer?): "verified as \(verifiedName ?? peer.plainNames.first ?? peer.subject)"
      case (false, .some): "not verified"
      case (_, nil): "no certificate"
      }
    let extras = [applicationProtocol, isResumed ? "resumed" : nil, staple?.text].compactMap { $0 }.map {
      ", \($0)"
    }
    .joined()
    return "\(version) with \(remote): \(identity), \(cipher)\(extras)" + (peer.map { "; \($0.text)" } ?? "")
  }
}

extension StapledStatus {
  /// The response in a few words for people.
  fileprivate var text: String {
    switch self {
    case .good(let status): "not revoked as of \(CertificateSummary.date(status.thisUpdate)) (OCSP)"
    case .unusable(let problem): "OCSP response not used: it \(problem.predicate)"
    }
  }
}

extension CertificateSummary {
  /// The certificate in one line for people.
  fileprivate var text: String {
    let end = Self.date(notAfter)
    return
      "certificate for \(plainNames.joined(separator: ", ")) issued by \(issuer), ends \(end) (\(daysLeftText) left), \(pin)"
  }
}
