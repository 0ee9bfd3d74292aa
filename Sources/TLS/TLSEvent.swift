// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// An event of a TLS connection.
package enum TLSEvent: Sendable {
  /// The handshake is complete.
  case established(TLSSummary, with: Address)
  /// The handshake has failed, or a peer has ended the connection with an alert.
  case failed(TLSFailure, with: Address)
}

/// What two peers have agreed on.
package struct TLSSummary: Equatable, Sendable {
  /// The version, such as `TLSv1.3`.
  package var version: String
  /// The cipher, by its name in OpenSSL.
  package var cipher: String
  /// The group of the key exchange; `nil` if a resumed session has done without.
  package var group: String?
  /// The application protocol; `nil` for none.
  package var applicationProtocol: String?
  /// The server name that the client has sent; `nil` for none.
  package var indication: String?
  /// Whether an earlier session was resumed.
  package var isResumed: Bool
  /// Whether the peer's certificate was verified.
  package var isVerified: Bool
  /// The name that the peer was verified for; `nil` if it was not, or if none was expected.
  package var verifiedName: String?
  /// What the server's OCSP response says; `nil` without one, and if the server is not verified.
  package var staple: StapledStatus?
  /// The time that the handshake has taken.
  package var duration: Duration
  /// The peer's certificate; `nil` for none.
  package var peer: CertificateSummary?
}

/// What an OCSP response has told that a server has sent with its certificate.
package enum StapledStatus: Equatable, Sendable {
  /// The certificate is good, and the response is valid.
  case good(CertificateStatus)
  /// Nothing, for this reason; no valid response was required.
  case unusable(StapleProblem)
}

/// Why a TLS connection has failed.
package struct TLSFailure: Equatable, Sendable {
  /// When it has failed.
  package enum Stage: String, Sendable {
    /// Before the first byte of payload.
    case handshake
    /// Afterwards.
    case data
  }

  /// When it has failed.
  package var stage: Stage
  /// The failure, in words.
  package var error: IOFailure
  /// The alert that one side has sent to the other; `nil` for none.
  package var alert: Alert?
  /// The peer's certificate; `nil` if it has sent none.
  package var peer: CertificateSummary?
}
