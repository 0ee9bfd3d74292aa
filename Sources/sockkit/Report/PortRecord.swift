// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import TLS
import Text

/// The result of checking a port, or a Unix socket, as a line of JSON.
struct PortRecord: Encodable {
  private var host: String?
  private var port: UInt16?
  private var path: String?
  private let state: String
  private let milliseconds: Double
  private let reason: String?
  private let certificate: CertificateRecord?

  /// Creates the record of a port, with the certificate of a server that has one.
  init(_ state: PortState, _ certificate: CertificateSummary? = nil) {
    if state.address?.family == .unix {
      path = TerminalSafe.escapeBytes(state.host)
    } else {
      (host, port) = (TerminalSafe.escapeBytes(state.host), state.port)
    }
    self.state = state.verdict.rawValue
    reason = state.handshakeFailure?.explanation
    self.certificate = certificate.map { CertificateRecord($0) }
    milliseconds = Double(state.duration.nanosecondsClamped) / 1e6
  }
}
