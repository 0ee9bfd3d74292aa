// SPDX-License-Identifier: GPL-3.0-or-later

import TLS

/// An OCSP response (RFC 6960, section 4.2.1), read without OpenSSL.
struct StrictResponse {
  /// What it says of one certificate.
  struct Single {
    /// The function of the hashes, by its identifier.
    let function: [UInt8]
    let nameHash: [UInt8]
    let keyHash: [UInt8]
    let serial: [UInt8]
    let status: DER
    let thisUpdate: Moment
    let nextUpdate: Moment?
  }

  /// The kind of the outcome; 0 for success.
  let outcome: [UInt8]
  let singles: [Single]

  /// The identifier of the basic response, 1.3.6.1.5.5.7.48.1.1.
  private static let basic: [UInt8] = [43, 6, 1, 5, 5, 7, 48, 1, 1]

  /// Reads a response; `nil` if it is not in DER, or not in this form.
  init?(_ bytes: [UInt8]) {
    guard let whole = DER(whole: bytes[...]), whole.isStrict, var parts = whole.parts(of: DER.sequence),
      let outcome = parts.take(DER.enumerated)
    else { return nil }
    self.outcome = Array(outcome.content)
    guard self.outcome == [0] else {
      singles = []
      return
    }
    guard parts.count == 1, let wrapped = parts.take(0xA0)?.parts, wrapped.count == 1,
      var typed = wrapped[0].parts(of: DER.sequence),
      typed.take(DER.object).map({ Array($0.content) }) == Self.basic, typed.count == 1,
      let octets = typed.take(DER.octets), let inner = DER(whole: octets.content), inner.isStrict,
      let data = inner.parts(of: DER.sequence)?.first, let singles = Self.singles(in: data)
    else { return nil }
    self.singles = singles
  }

  private static func singles(in data: DER) -> [Single]? {
    guard var parts = data.parts(of: DER.sequence) else { return nil }
    _ = parts.take(0xA0)
    guard parts.take(0xA1, 0xA2) != nil, parts.take(DER.time) != nil,
      let list = parts.take(DER.sequence)?.parts
    else { return nil }
    let singles = list.compactMap(single)
    return singles.count == list.count ? singles : nil
  }

  private static func single(_ value: DER) -> Single? {
    guard var parts = value.parts(of: DER.sequence), let id = parts.take(DER.sequence)?.parts, id.count == 4,
      let function = id[0].parts(of: DER.sequence)?.first, function.tag == DER.object,
      id[1].tag == DER.octets, id[2].tag == DER.octets, id[3].tag == DER.integer,
      let status = parts.take(0x80, 0xA1, 0x82), let start = parts.take(DER.time)
    else { return nil }
    let end = parts.take(0xA0)
    if let end, end.parts?.count != 1 { return nil }
    return Single(
      function: Array(function.content), nameHash: Array(id[1].content), keyHash: Array(id[2].content),
      serial: Array(id[3].content), status: status, thisUpdate: Moment(start),
      nextUpdate: end?.parts.map { Moment($0[0]) })
  }
}

extension StrictResponse.Single {
  /// Whether it is about the certificate of the fuzzer: as one of the usual functions says, or as any hash could.
  var isAboutSubject: Bool {
    Authority.hashes.contains { $0.name == nameHash && $0.key == keyHash } && serial == Authority.serial
  }

  /// Whether a status is that of it.
  func says(_ found: CertificateStatus) -> Bool {
    guard thisUpdate.isRead(as: found.thisUpdate), (nextUpdate == nil) == (found.nextUpdate == nil),
      nextUpdate.map({ $0.isRead(as: found.nextUpdate ?? 0) }) ?? true
    else { return false }
    switch found.verdict {
    case .good: return status.tag == 0x80
    case .unknown: return status.tag == 0x82
    case .revoked(let moment, let reason):
      guard status.tag == 0xA1, let parts = status.parts, let time = parts.first else { return false }
      return Moment(time).isRead(as: moment) && (parts.count > 1) == (reason != nil)
    }
  }
}
