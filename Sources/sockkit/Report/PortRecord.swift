// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import TLS
import Text

/// The result of checking a port, or an endpoint of another family, as a line of JSON.
struct PortRecord: Encodable {
  private var host: String?
  private var cid: UInt32?
  private var port: UInt32?
  private var path: String?
  private let state: String
  private let milliseconds: Double
  private let reason: String?
  private let certificate: CertificateRecord?

  /// Creates the record of a port, with the certificate of a server that has one.
  init(_ state: PortState, _ certificate: CertificateSummary? = nil) {
    switch state.address {
    case .vsock(let address)?: (cid, port) = (address.machine.number, address.port)
    case .unix?, .abstract?, .unnamed?: path = TerminalSafe.escapeBytes(state.host)
    case .internet?, nil: (host, port) = (TerminalSafe.escapeBytes(state.host), UInt32(state.port))
    }
    self.state = state.verdict.rawValue
    reason = state.handshakeFailure?.explanation
    self.certificate = certificate.map { CertificateRecord($0) }
    milliseconds = Double(state.duration.nanosecondsClamped) / 1e6
  }
}
