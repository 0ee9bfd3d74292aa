// SPDX-License-Identifier: GPL-3.0-or-later

/// What an authority says of a certificate in an OCSP response (RFC 6960, section 2.2).
package struct CertificateStatus: Equatable, Sendable {
  /// Whether the certificate is still good.
  package enum Verdict: Equatable, Sendable {
    /// It is not revoked.
    case good
    /// It was revoked at a moment, in seconds since 1970, for a reason by its name in RFC 5280, if one is given.
    case revoked(at: Int, reason: String?)
    /// The authority has not issued it.
    case unknown
  }

  /// Whether the certificate is still good.
  package let verdict: Verdict
  /// When the authority has stated it (`thisUpdate`), in seconds since 1970.
  package let thisUpdate: Int
  /// When the authority will have stated it again (`nextUpdate`), in seconds since 1970; `nil` if it does not say.
  package let nextUpdate: Int?

  /// Creates a status.
  package init(_ verdict: Verdict, from thisUpdate: Int, until nextUpdate: Int?) {
    self.verdict = verdict
    self.thisUpdate = thisUpdate
    self.nextUpdate = nextUpdate
  }

  /// The difference of clocks that does no harm, in seconds; `openssl ocsp` and curl have the same.
  private static let clockTolerance = 300
  /// The age up to which a response counts whose authority does not say when the next one follows, in seconds: that of
  /// LibreSSL, 14 days.
  private static let longestAge = 14 * 86_400

  /// Why the status does not vouch for the certificate at a moment; `nil` if it does.
  ///
  /// - Parameter now: In seconds since 1970.
  package func problem(at now: Int) -> StapleProblem? {
    // A revocation does not expire.
    if case .revoked(let moment, let reason) = verdict { return .revoked(at: moment, reason: reason) }
    if let problem = timeProblem(at: now) { return problem }
    return verdict == .good ? nil : .unknownCertificate
  }

  /// Why the status is not that of a moment, in seconds since 1970; `nil` if it is.
  func timeProblem(at now: Int) -> StapleProblem? {
    if thisUpdate > now + Self.clockTolerance { return .early(from: thisUpdate) }
    let isOver =
      nextUpdate.map { $0 < now - Self.clockTolerance } ?? (thisUpdate < now - Self.longestAge)
    return isOver ? .expired(from: thisUpdate, until: nextUpdate) : nil
  }
}
