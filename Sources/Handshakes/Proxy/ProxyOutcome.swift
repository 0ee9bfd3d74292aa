// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// What has become of a client's request to a proxy.
package enum ProxyOutcome: Equatable, Sendable {
  /// The connection to the target is open, from a local address.
  case connected(from: Address)
  /// The target is not allowed.
  case denied
  /// `ENETUNREACH`.
  case networkUnreachable
  /// `EHOSTUNREACH`, or an unknown name.
  case hostUnreachable
  /// `ECONNREFUSED`.
  case connectionRefused
  /// The target did not answer in time.
  case timedOut
  /// The target has ended the connection without an answer.
  case noAnswer
  /// Anything else.
  case failed

  /// The code of SOCKS 5.
  var socksReply: SOCKSReply {
    switch self {
    case .connected: .granted
    case .denied: .notAllowed
    case .networkUnreachable: .networkUnreachable
    case .hostUnreachable: .hostUnreachable
    case .connectionRefused: .connectionRefused
    case .timedOut: .timeExceeded
    case .noAnswer, .failed: .generalFailure
    }
  }

  /// The status and the reason phrase of HTTP.
  var status: (code: Int, phrase: String) {
    switch self {
    case .connected: (200, "Connection established")
    case .denied: (403, "Forbidden")
    case .networkUnreachable, .hostUnreachable, .connectionRefused, .noAnswer, .failed: (502, "Bad Gateway")
    case .timedOut: (504, "Gateway Timeout")
    }
  }

  /// The reason in words.
  var words: String {
    switch self {
    case .connected: "connected"
    case .denied: "the target is not allowed"
    case .networkUnreachable: "network unreachable"
    case .hostUnreachable: "host unreachable or unknown"
    case .connectionRefused: "connection refused"
    case .timedOut: "the target did not answer in time"
    case .noAnswer: "the server has ended the connection without an answer"
    case .failed: "the connection failed"
    }
  }
}
