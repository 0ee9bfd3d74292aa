// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import COpenSSL
import Sockets
import Transport

/// Says why a TLS connection has failed.
struct FailureExplanation {
  private let tls: TLSSession
  /// The records of a connection over a stream; `nil` over datagrams.
  private let records: RecordChannel?

  /// Explains the failures of a connection.
  init(of tls: TLSSession, over records: RecordChannel? = nil) {
    self.tls = tls
    self.records = records
  }

  /// The failure behind a result of the library.
  ///
  /// - Parameters:
  ///   - error: The result of `SSL_get_error`.
  ///   - reason: The first error of the library's queue.
  func failure(_ error: CInt, _ reason: OpenSSLError, in stage: TLSFailure.Stage) -> IOFailure {
    let operation = Operation.secure(with: tls.name)
    if let problem = tls.verification.problem {
      let (server, prefix) = (tls.context.server?.name, tls.context.settings.optionPrefix)
      let text = problem.text(server: server, options: prefix)
      return IOFailure(operation, problem.isOfName ? .misnamed(text) : .untrusted(text))
    }
    if let alert = reason.receivedAlert { return IOFailure(operation, self.reason(for: alert)) }
    if let failure = records?.receiveFailure ?? records?.sendFailure, error == SSL_ERROR_SYSCALL {
      return failure
    }
    if let records, records.hasEnded, stage == .handshake {
      if let hidden = records.transport.errorBehindEnd(received: records.received) {
        return IOFailure(.receive(from: tls.name), hidden)
      }
      return IOFailure(
        operation, .truncated("the \(tls.context.role.peerName) ended the connection during the handshake"))
    }
    if stage == .handshake, reason.isOfTLS, Self.otherProtocols.contains(reason.reason) {
      return IOFailure(operation, .peerProtocol("the \(tls.context.role.peerName) does not speak TLS"))
    }
    if reason.isOfTLS, reason.reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE {
      return IOFailure(operation, .untrusted("the client has sent no certificate"))
    }
    return IOFailure(operation, .peerProtocol(reason.text))
  }

  /// What an alert of the peer means for us.
  func reason(for alert: Alert) -> IOFailure.Reason {
    let peer = tls.context.role.peerName
    if alert.refusesCertificate { return .untrusted("the \(peer) refused our certificate (\(alert.words))") }
    if alert.number == Alert.handshakeFailure, tls.isCertificateRequested, tls.context.identity == nil {
      return .untrusted("the \(peer) requires a certificate (--tls-cert FILE)")
    }
    return .peerProtocol("the \(peer) refused the connection (\(alert.words))")
  }

  /// The errors of records that are none.
  private static let otherProtocols = [
    SSL_R_WRONG_VERSION_NUMBER, SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST, SSL_R_UNKNOWN_PROTOCOL,
    SSL_R_PACKET_LENGTH_TOO_LONG, SSL_R_RECORD_LENGTH_MISMATCH, SSL_R_BAD_RECORD_TYPE,
  ]
}
