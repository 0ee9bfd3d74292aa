// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import COpenSSL
import Sockets

/// The extension with which a client asks for an OCSP response and a server sends it (RFC 6066, section 8; RFC 8446,
/// section 4.4.2.1).
enum StatusRequest {
  /// Makes the sessions of a client's context check what the server sends, or that it sends nothing.
  static func check(in context: OpaquePointer) { unsafe setCallback(checkResponse, in: context) }

  /// Makes the sessions of a server's context answer clients that ask.
  static func answer(in context: OpaquePointer) { unsafe setCallback(sendResponse, in: context) }

  /// SSL_CTX_set_tlsext_status_cb
  private static func setCallback(_ callback: @escaping Callback, in context: OpaquePointer) {
    _ = unsafe openssl.SSL_CTX_callback_ctrl(
      context, SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB,
      unsafeBitCast(callback, to: (@convention(c) () -> Void).self))
  }

  /// Makes a client's session ask.
  static func ask(in session: OpaquePointer) {
    // SSL_set_tlsext_status_type
    _ = unsafe openssl.SSL_ctrl(
      session, SSL_CTRL_SET_TLSEXT_STATUS_REQ_TYPE, Int(TLSEXT_STATUSTYPE_ocsp), nil)
  }

  /// The response that the server has sent; `nil` for none.
  static func response(in session: OpaquePointer) -> [UInt8]? {
    var start: UnsafeMutablePointer<UInt8>?
    // SSL_get_tlsext_status_ocsp_resp
    let count = unsafe withUnsafeMutablePointer(to: &start) {
      unsafe openssl.SSL_ctrl(session, SSL_CTRL_GET_TLSEXT_STATUS_REQ_OCSP_RESP, 0, $0)
    }
    guard let start = unsafe start, count > 0 else { return nil }
    return unsafe Array(UnsafeBufferPointer(start: start, count: count))
  }

  private typealias Callback = @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> CInt

  private static let checkResponse: Callback = { session, _ in
    guard let session = unsafe session else { return 0 }
    return unsafe TLSSession.of(session).verification.checkStaple(of: session) ? 1 : 0
  }

  private static let sendResponse: Callback = { session, _ in
    guard let response = unsafe TLSSession.of(session).context.staple?.response(at: WallClock.seconds),
      let memory = unsafe openssl.CRYPTO_malloc(response.count, nil, 0)
    else { return SSL_TLSEXT_ERR_NOACK }
    unsafe memory.copyMemory(from: response, byteCount: response.count)
    // SSL_set_tlsext_status_ocsp_resp, which takes the memory
    _ = unsafe openssl.SSL_ctrl(
      session, SSL_CTRL_SET_TLSEXT_STATUS_REQ_OCSP_RESP, response.count, memory)
    return SSL_TLSEXT_ERR_OK
  }
}
