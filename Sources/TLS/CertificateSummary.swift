// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import COpenSSL
import Sockets
import Text

/// The fields of a certificate that are reported: its owner, its issuer, its names and its validity.
package struct CertificateSummary: Equatable, Sendable {
  /// The distinguished name of the owner (RFC 4514).
  package let subject: String
  /// The distinguished name of the authority that has signed it.
  package let issuer: String
  /// The names of the extension subjectAltName, such as `DNS:example.org` and `IP:192.0.2.1`.
  package let names: [String]
  /// The first and the last moment of its validity, in seconds since 1970.
  package let notBefore: Int
  package let notAfter: Int
  /// The SHA-256 of the whole certificate, in hexadecimal digits.
  package let sha256: String
  /// The SHA-1 of the whole certificate, by which older programs show it.
  package let sha1: String
  /// The pin of its public key.
  package let pin: PublicKeyPin
  /// Whether it is to be accepted only together with an OCSP response (RFC 7633).
  package let requiresStaple: Bool

  /// Describes an `X509`.
  package init(of certificate: OpaquePointer) {
    subject = unsafe Self.text(ofName: openssl.X509_get_subject_name(certificate))
    issuer = unsafe Self.text(ofName: openssl.X509_get_issuer_name(certificate))
    names = unsafe Self.alternativeNames(of: certificate)
    notBefore = unsafe Self.seconds(openssl.X509_get0_notBefore(certificate))
    notAfter = unsafe Self.seconds(openssl.X509_get0_notAfter(certificate))
    sha256 = unsafe CertificateFingerprint(of: certificate).text
    sha1 = unsafe CertificateFingerprint.sha1(of: certificate)
    pin = unsafe PublicKeyPin(of: certificate)
    requiresStaple = unsafe Self.features(of: certificate).contains(Int(TLSEXT_TYPE_status_request))
  }

  /// The number of seconds until it ends; negative once it has ended.
  var secondsLeft: Int { notAfter - WallClock.seconds }

  /// The number of whole days until it ends; negative once it has ended.
  package var daysLeft: Int {
    secondsLeft >= 0 ? secondsLeft / 86_400 : -1 - (-1 - secondsLeft) / 86_400
  }

  /// The number of days left, in words.
  package var daysLeftText: String { daysLeft == 1 ? "1 day" : "\(daysLeft) days" }

  /// The names without the kind in front of each.
  package var plainNames: [String] {
    names.map { name in name.firstIndex(of: ":").map { String(name[name.index(after: $0)...]) } ?? name }
  }

  /// Whether one of its DNS names is a name, or is in the domain of a pattern such as `*.example.org`.
  package func hasName(matching pattern: String) -> Bool {
    let wanted = pattern.lowercased()
    return names.contains { name in
      guard name.hasPrefix("DNS:") else { return name == "IP:\(wanted)" || name == "email:\(wanted)" }
      let name = name.dropFirst("DNS:".count).lowercased()
      guard wanted.hasPrefix("*.") else { return name == wanted }
      guard let dot = name.firstIndex(of: ".") else { return false }
      return name[dot...] == wanted.dropFirst()
    }
  }

  /// The date of a moment of its validity, such as `2026-11-28`.
  package static func date(_ seconds: Int) -> String {
    let date = CalendarDate(seconds: seconds)
    return [(date.year, 4), (date.month, 2), (date.day, 2)].map { number, width in
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }.joined(separator: "-")
  }

  private static func text(ofName name: OpaquePointer?) -> String {
    guard let memory = unsafe openssl.BIO_new(openssl.BIO_s_mem()) else { return "" }
    defer { _ = unsafe openssl.BIO_free(memory) }
    guard unsafe openssl.X509_NAME_print_ex(memory, name, 0, copenssl_name_format) >= 0 else { return "" }
    return unsafe String(decoding: Identity.bytes(in: memory), as: UTF8.self)
  }

  private static func alternativeNames(of certificate: OpaquePointer) -> [String] {
    guard
      let names = unsafe openssl.X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil).map({
        OpaquePointer($0)
      })
    else { return [] }
    defer { unsafe openssl.GENERAL_NAMES_free(names) }
    return (0..<max(0, unsafe openssl.OPENSSL_sk_num(names))).compactMap { index in
      guard let value = unsafe openssl.OPENSSL_sk_value(names, index) else { return nil }
      let name = unsafe value.assumingMemoryBound(to: GENERAL_NAME.self).pointee
      return switch unsafe name.type {
      case GEN_DNS: unsafe "DNS:" + text(of: name.d.dNSName)
      case GEN_EMAIL: unsafe "email:" + text(of: name.d.rfc822Name)
      case GEN_URI: unsafe "URI:" + text(of: name.d.uniformResourceIdentifier)
      case GEN_IPADD: unsafe "IP:" + address(bytes(of: name.d.iPAddress))
      default: nil
      }
    }
  }

  /// The extensions of TLS that the server has to answer (RFC 7633), by their numbers.
  private static func features(of certificate: OpaquePointer) -> [Int] {
    guard
      let features = unsafe openssl.X509_get_ext_d2i(certificate, NID_tlsfeature, nil, nil).map({
        OpaquePointer($0)
      })
    else { return [] }
    defer { unsafe openssl.TLS_FEATURE_free(features) }
    return (0..<max(0, unsafe openssl.OPENSSL_sk_num(features))).compactMap { index in
      guard let value = unsafe openssl.OPENSSL_sk_value(features, index) else { return nil }
      return unsafe openssl.ASN1_INTEGER_get(value.assumingMemoryBound(to: ASN1_INTEGER.self))
    }
  }

  private static func address(_ bytes: [UInt8]) -> String {
    switch bytes.count {
    case 4: IPAddress.ipv4(bytes).description
    case 16: IPAddress.ipv6(bytes, zone: 0).description
    default: "?"
    }
  }

  private static func text(of string: UnsafePointer<ASN1_STRING>?) -> String {
    String(decoding: unsafe bytes(of: string), as: UTF8.self)
  }

  /// The bytes of a string.
  static func bytes(of string: UnsafePointer<ASN1_STRING>?) -> [UInt8] {
    unsafe Array(
      UnsafeBufferPointer(
        start: openssl.ASN1_STRING_get0_data(string), count: Int(openssl.ASN1_STRING_length(string))))
  }

  /// The moment in seconds since 1970; 0 if it is none.
  static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int {
    var parts = unsafe tm()
    guard unsafe openssl.ASN1_TIME_to_tm(time, &parts) == 1 else { return 0 }
    return unsafe CalendarDate.seconds(
      year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday),
      hour: Int(parts.tm_hour), minute: Int(parts.tm_min), second: Int(parts.tm_sec))
  }
}
