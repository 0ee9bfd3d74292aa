// SPDX-License-Identifier: GPL-3.0-or-later

import TLS
import Testing

/// When an OCSP response vouches for a certificate.
struct CertificateStatusTests {
  /// 2026-01-02.
  private static let start = 1_767_312_000
  private static let day = 86_400
  private static let end = start + 7 * day

  private static func status(
    _ verdict: CertificateStatus.Verdict = .good, until end: Int? = end
  ) -> CertificateStatus {
    CertificateStatus(verdict, from: start, until: end)
  }

  @Test func `a good certificate is vouched for from the one update to the next, with clocks that differ`() {
    for moment in [Self.start - 300, Self.start, Self.end, Self.end + 300] {
      #expect(Self.status().problem(at: moment) == nil)
    }
    #expect(Self.status().problem(at: Self.start - 301) == .early(from: Self.start))
    #expect(Self.status().problem(at: Self.end + 301) == .expired(from: Self.start, until: Self.end))
  }

  @Test func `a response without a next update counts for 14 days`() {
    let status = Self.status(until: nil)
    #expect(status.problem(at: Self.start + 14 * Self.day) == nil)
    #expect(status.problem(at: Self.start + 14 * Self.day + 1) == .expired(from: Self.start, until: nil))
  }

  @Test func `a revocation does not expire, and an unknown certificate is not good`() {
    let revoked = Self.status(.revoked(at: Self.start, reason: "keyCompromise"))
    for moment in [Self.start - Self.day, Self.start, Self.end + Self.day] {
      #expect(revoked.problem(at: moment) == .revoked(at: Self.start, reason: "keyCompromise"))
    }
    #expect(Self.status(.unknown).problem(at: Self.start) == .unknownCertificate)
  }

  @Test(arguments: [
    (StapleProblem.expired(from: start, until: end), "is from 2026-01-02, and expired on 2026-01-09"),
    (.expired(from: start, until: nil), "is from 2026-01-02, and too old"),
    (.early(from: start), "is not valid before 2026-01-02"),
    (
      .revoked(at: start, reason: "keyCompromise"),
      "says that the certificate was revoked on 2026-01-02 (keyCompromise)"
    ),
    (.revoked(at: start, reason: nil), "says that the certificate was revoked on 2026-01-02"),
    (.unsuccessful("trylater"), "has no status, but the error 'trylater'"),
  ])
  func `a problem is told in words`(problem: StapleProblem, words: String) {
    #expect(problem.predicate == words)
  }
}
