// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import COpenSSL
import Sockets

/// One connection's state in the library, an `SSL`, and what is found out about the peer.
@safe final class TLSSession {
  /// What the connection shares with others.
  let context: TLSContext
  /// The `SSL`.
  let pointer: OpaquePointer
  /// The peer's name for messages.
  var name: String
  /// The peer's address.
  var remote: Address
  /// What is found out about the peer.
  var verification: PeerVerification
  /// The fatal alert that has ended the connection; `nil` for none.
  var alert: Alert?
  /// Whether the server has requested a certificate.
  var isCertificateRequested = false

  /// The random number with which a client has begun a session over datagrams; `nil` for others.
  var clientRandom: [UInt8]?

  /// Creates the state before the handshake.
  init(in context: TLSContext, with remote: Address, named name: String) {
    self.context = context
    self.remote = remote
    self.name = name
    verification = PeerVerification(by: context)
    guard let pointer = unsafe openssl.SSL_new(context.pointer) else { fatalError("no memory for TLS") }
    unsafe self.pointer = pointer
    _ = unsafe openssl.SSL_set_ex_data(pointer, 0, Unmanaged.passUnretained(self).toOpaque())
    switch context.role {
    case .client:
      unsafe openssl.SSL_set_connect_state(pointer)
      unsafe verification.expectServer(in: pointer)
    case .server: unsafe openssl.SSL_set_accept_state(pointer)
    }
  }

  deinit { unsafe openssl.SSL_free(pointer) }

  /// The session of an `SSL`.
  static func of(_ pointer: OpaquePointer?) -> TLSSession {
    guard let owner = unsafe openssl.SSL_get_ex_data(pointer, 0) else {
      fatalError("a connection without its session")
    }
    return unsafe Unmanaged<TLSSession>.fromOpaque(owner).takeUnretainedValue()
  }

  /// Goes on with the handshake.
  ///
  /// - Returns: The result of `SSL_get_error`, and the error that the library has queued.
  func handshake() -> (error: CInt, reason: OpenSSLError) {
    let result = unsafe openssl.SSL_do_handshake(pointer)
    let error = unsafe openssl.SSL_get_error(pointer, result)
    return (error, OpenSSL.takeError())
  }

  /// Checks the peer once the handshake is complete.
  ///
  /// - Returns: Whether the peer is still accepted.
  func didOpen() -> Bool {
    unsafe verification.noteCertificate(of: pointer)
    return unsafe verification.checkResumed(pointer)
  }

  /// Whether the peer's certificate is accepted, or none was asked for.
  private var isVerified: Bool { unsafe openssl.SSL_get_verify_result(pointer) == Int(X509_V_OK) }

  /// Apache's names for what a web server knows of its client, and our pin of the peer.
  var attributes: [String: String] {
    unsafe [
      "SSL_PROTOCOL": OpenSSL.text(openssl.SSL_get_version(pointer)),
      "SSL_CIPHER": OpenSSL.text(openssl.SSL_CIPHER_get_name(openssl.SSL_get_current_cipher(pointer))),
      "SSL_TLS_SNI": openssl.SSL_get_servername(pointer, TLSEXT_NAMETYPE_host_name).map {
        unsafe String(cString: $0)
      },
      "SSL_CLIENT_VERIFY": verification.peer == nil ? "NONE" : isVerified ? "SUCCESS" : "FAILED",
      "SSL_CLIENT_S_DN": verification.peer?.subject, "SOCKKIT_TLS_PIN": verification.peer.map { "\($0.pin)" },
    ].compactMapValues { $0 }
  }

  /// What the peers have agreed on, in a handshake that took a time.
  func summary(after duration: Duration) -> TLSSummary {
    var selected: UnsafePointer<UInt8>?
    var count: UInt32 = 0
    unsafe openssl.SSL_get0_alpn_selected(pointer, &selected, &count)
    let isResumed = unsafe openssl.SSL_session_reused(pointer) == 1
    let group = unsafe openssl.SSL_ctrl(pointer, SSL_CTRL_GET_NEGOTIATED_GROUP, 0, nil)
    return TLSSummary(
      version: unsafe OpenSSL.text(openssl.SSL_get_version(pointer)),
      cipher: unsafe OpenSSL.text(openssl.SSL_CIPHER_get_name(openssl.SSL_get_current_cipher(pointer))),
      group: unsafe openssl.SSL_group_to_name(pointer, CInt(group)).map { unsafe String(cString: $0) },
      applicationProtocol: unsafe count == 0
        ? nil : String(decoding: UnsafeBufferPointer(start: selected, count: Int(count)), as: UTF8.self),
      indication: unsafe openssl.SSL_get_servername(pointer, TLSEXT_NAMETYPE_host_name).map {
        unsafe String(cString: $0)
      }, isResumed: isResumed, isVerified: verification.peer != nil && isVerified,
      verifiedName: context.server?.name, staple: verification.staple, duration: duration,
      peer: verification.peer)
  }

  /// Reports a failure after which the connection is of no use.
  func report(_ error: IOFailure, in stage: TLSFailure.Stage) {
    context.report(
      .failed(TLSFailure(stage: stage, error: error, alert: alert, peer: verification.peer), with: remote))
  }
}
