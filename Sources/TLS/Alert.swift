// SPDX-License-Identifier: GPL-3.0-or-later

package import Transport

/// A fatal alert of TLS (RFC 8446, section 6.2).
package struct Alert: Equatable, Sendable {
  /// The number on the wire.
  package let number: UInt8
  /// Whether this side has sent it, or received it.
  package let direction: TrafficDirection

  /// The name in the standard, such as `unknown_ca`; the number for an alert without one.
  package var name: String { Self.names[number] ?? "alert \(number)" }

  /// The name as it appears in messages, with spaces instead of underscores.
  var words: String {
    name == "unknown_ca" ? "unknown CA" : name.split(separator: "_").joined(separator: " ")
  }

  /// Whether the peer has refused our certificate.
  var refusesCertificate: Bool { Self.refusals.contains(number) }

  /// The peer could not agree on parameters, which with TLS 1.2 is also its answer to a missing client certificate.
  static let handshakeFailure: UInt8 = 40

  /// bad_certificate to unknown_ca without illegal_parameter (47), access_denied, bad_certificate_status_response and
  /// certificate_required.
  private static let refusals: Set<UInt8> = [42, 43, 44, 45, 46, 48, 49, 113, 116]

  private static let names: [UInt8: String] = [
    0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 21: "decryption_failed",
    22: "record_overflow", 30: "decompression_failure", 40: "handshake_failure", 41: "no_certificate",
    42: "bad_certificate", 43: "unsupported_certificate", 44: "certificate_revoked",
    45: "certificate_expired", 46: "certificate_unknown", 47: "illegal_parameter", 48: "unknown_ca",
    49: "access_denied", 50: "decode_error", 51: "decrypt_error", 60: "export_restriction",
    70: "protocol_version", 71: "insufficient_security", 80: "internal_error",
    86: "inappropriate_fallback", 90: "user_canceled", 100: "no_renegotiation", 109: "missing_extension",
    110: "unsupported_extension", 111: "certificate_unobtainable", 112: "unrecognized_name",
    113: "bad_certificate_status_response", 114: "bad_certificate_hash_value",
    115: "unknown_psk_identity", 116: "certificate_required", 120: "no_application_protocol",
  ]
}
