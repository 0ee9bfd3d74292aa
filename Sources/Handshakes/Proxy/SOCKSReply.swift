// SPDX-License-Identifier: GPL-3.0-or-later

/// The reply codes of SOCKS version 5 (RFC 1928, section 6).
package enum SOCKSReply: UInt8, CaseIterable, Sendable {
  /// The connection is established.
  case granted = 0
  /// A failure that has no code of its own.
  case generalFailure = 1
  /// The rules of the proxy do not allow the connection.
  case notAllowed = 2
  /// `ENETUNREACH`.
  case networkUnreachable = 3
  /// `EHOSTUNREACH`, or an unknown name.
  case hostUnreachable = 4
  /// `ECONNREFUSED`.
  case connectionRefused = 5
  /// `ETIMEDOUT`.
  case timeExceeded = 6
  /// The command is not one that the proxy knows.
  case commandNotSupported = 7
  /// The type of the address is not one that the proxy knows.
  case addressTypeNotSupported = 8

  /// The meaning in words.
  var words: String {
    switch self {
    case .granted: "granted"
    case .generalFailure: "general failure"
    case .notAllowed: "not allowed by the rules of the proxy"
    case .networkUnreachable: "network unreachable"
    case .hostUnreachable: "host unreachable"
    case .connectionRefused: "connection refused"
    case .timeExceeded: "timed out"
    case .commandNotSupported: "the proxy does not support the command"
    case .addressTypeNotSupported: "the proxy does not support the type of the address"
    }
  }
}
