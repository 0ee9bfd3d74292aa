// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import COpenSSL
import TLS
import Text

/// Describes a certificate, as a peer sends it.
enum CertificateCheck {
  /// Stops the program if a certificate is described otherwise than a second reading finds.
  static func check(_ bytes: [UInt8]) {
    guard let summary = summary(of: bytes) else { return }
    precondition(summary == self.summary(of: bytes), "the same certificate has two descriptions")
    for name in [summary.subject, summary.issuer] {
      precondition(name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "a name has control characters")
    }
    for end in [summary.notBefore, summary.notAfter] {
      precondition(ResponseCheck.isPlain(CertificateSummary.date(end)), "a date cannot be printed")
    }
    precondition(ResponseCheck.isPlain(summary.daysLeftText))
    precondition(summary.plainNames.count == summary.names.count)
    checkMatches(of: summary)
    guard let strict = StrictCertificate(bytes) else { return }
    precondition(strict.notBefore.isRead(as: summary.notBefore), "it begins at another moment")
    precondition(strict.notAfter.isRead(as: summary.notAfter), "it ends at another moment")
    if let names = strict.names { precondition(summary.names == names, "it has other names") }
    if let requires = strict.requiresStaple {
      precondition(summary.requiresStaple == requires, "it demands something else")
    }
    precondition(summary.sha256 == hexadecimal(hash(bytes, "SHA2-256")), "it has another fingerprint")
    precondition(summary.sha1 == hexadecimal(hash(bytes, "SHA1")), "it has another fingerprint")
    let pin = "sha256//" + Base64.text(of: hash(strict.key, "SHA2-256").span)
    precondition(summary.pin.description == pin, "it has another pin")
  }

  /// Stops the program if a pattern for names matches a name outside of its domain.
  private static func checkMatches(of summary: CertificateSummary) {
    let domain = ".example.org"
    let names = summary.names.filter { $0.hasPrefix("DNS:") }.map { $0.dropFirst(4).lowercased() }
    let isInside = names.contains { name in
      name.hasSuffix(domain) && !name.dropLast(domain.count).contains(".")
    }
    precondition(summary.hasName(matching: "*\(domain)") == isInside, "a pattern matches another name")
  }

  private static func summary(of bytes: [UInt8]) -> CertificateSummary? {
    let certificate = unsafe bytes.withUnsafeBufferPointer { bytes in
      var position = bytes.baseAddress
      return unsafe d2i_X509(nil, &position, bytes.count)
    }
    defer { ERR_clear_error() }
    guard let certificate = unsafe certificate else { return nil }
    defer { unsafe X509_free(certificate) }
    return unsafe CertificateSummary(of: certificate)
  }

  private static func hash(_ bytes: [UInt8], _ name: String) -> [UInt8] {
    guard let hash = try? OpenSSL.hash(bytes, by: name) else { fatalError("the library has no \(name)") }
    return hash
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
