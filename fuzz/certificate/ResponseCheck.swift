// SPDX-License-Identifier: GPL-3.0-or-later

import TLS

/// Reads an OCSP response, as a server sends it.
enum ResponseCheck {
  /// What came of a response.
  private enum Outcome: Equatable {
    /// It is no response.
    case refused(StapleProblem)
    /// It says nothing of the certificate.
    case foreign(StapleProblem)
    /// It says something, and whether the authority has signed it.
    case status(CertificateStatus, untrusted: StapleProblem?)
  }

  /// Stops the program if a response is believed that the authority has not signed, or says something else than a second
  /// reading finds.
  static func check(_ bytes: [UInt8]) {
    let outcome = outcome(of: bytes)
    precondition(outcome == self.outcome(of: bytes), "the same response has two outcomes")
    let response = StrictResponse(bytes)
    switch outcome {
    case .refused(.unsuccessful(let name)):
      precondition(isPlain(name), "the name of an error cannot be printed")
      if let response { precondition(response.outcome != [0], "a successful response is an error") }
    case .refused(let problem): precondition(problem == .malformed, "a response is refused otherwise")
    case .foreign(let problem):
      if let response { judge(response, problem) }
    case .status(let status, let untrusted):
      describe(status)
      if untrusted == nil {
        precondition(Authority.signed.contains { $0.says(status) }, "the authority has not signed this")
      }
      if let response {
        let first = response.singles.first(where: \.isAboutSubject)
        precondition(first?.says(status) == true, "the response says something else")
      }
    }
  }

  /// Stops the program if what a second reading finds is not found.
  private static func judge(_ response: StrictResponse, _ problem: StapleProblem) {
    let first = response.singles.first(where: \.isAboutSubject)
    if problem == .ofAnotherCertificate {
      let isUsual = first.map { Authority.usualFunctions.contains($0.function) } ?? false
      precondition(
        !isUsual || first?.serial != Authority.serial, "what is about the certificate is not found")
    } else {
      precondition(problem == .malformed, "a response is refused otherwise")
      guard let first else { preconditionFailure("a response about nothing has no valid time") }
      precondition(!hasTime(first), "a valid time is refused")
    }
  }

  /// Whether it is from a moment since 1970, and not until one before.
  private static func hasTime(_ single: StrictResponse.Single) -> Bool {
    guard case .seconds(let start) = single.thisUpdate, start > 0 else { return false }
    switch single.nextUpdate {
    case nil: return true
    case .seconds(let end)?: return end >= start
    case .never?, .other?: return false
    }
  }

  private static func outcome(of bytes: [UInt8]) -> Outcome {
    do throws(StapleProblem) {
      let response = try OCSPResponse(bytes)
      let status: CertificateStatus
      do throws(StapleProblem) {
        status = try unsafe response.status(of: Authority.subject, issuedBy: Authority.certificate)
      } catch {
        return .foreign(error)
      }
      do throws(StapleProblem) {
        try unsafe response.verifySignature(trusting: Authority.store, through: nil)
      } catch {
        return .status(status, untrusted: error)
      }
      return .status(status, untrusted: nil)
    } catch {
      return .refused(error)
    }
  }

  /// Stops the program if a status is not one of its time, or cannot be told.
  private static func describe(_ status: CertificateStatus) {
    precondition(status.thisUpdate > 0 && status.nextUpdate.map { $0 >= status.thisUpdate } ?? true)
    let last = status.nextUpdate ?? status.thisUpdate
    for moment in [0, status.thisUpdate, last, last + 100 * 86_400] {
      let problem = status.problem(at: moment)
      precondition(problem.map { isPlain($0.predicate) } ?? true, "a problem cannot be printed")
      if problem == nil {
        precondition(status.verdict == .good, "a certificate that is not good is accepted")
        precondition(
          moment >= status.thisUpdate - 300 && moment < last + 14 * 86_400 + 301, "at another time")
      }
    }
  }

  /// Whether a text has only characters that can be printed.
  static func isPlain(_ text: String) -> Bool { text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } }
}
