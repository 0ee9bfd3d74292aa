// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import COpenSSL
import Sockets

/// The cookies by which clients prove that they receive at their address, before anything is kept for them (RFC 6347,
/// section 4.2.1).
enum DTLSCookie {
  /// A new one for each process, so that cookies cannot be forged.
  private static let secret: [UInt8] = {
    var bytes = [UInt8](repeating: 0, count: 32)
    guard unsafe openssl.RAND_bytes(&bytes, CInt(bytes.count)) == 1 else { fatalError("no random numbers") }
    return bytes
  }()

  /// Makes the connections of a context require cookies.
  static func require(in context: OpaquePointer) {
    _ = unsafe openssl.SSL_CTX_set_options(context, copenssl_cookie_exchange)
    unsafe openssl.SSL_CTX_set_cookie_generate_cb(context, generate)
    unsafe openssl.SSL_CTX_set_cookie_verify_cb(context, verify)
  }

  /// The time for which new cookies are the same, in nanoseconds; they remain valid for as long again.
  private static let period: Int64 = 60_000_000_000

  /// The cookie of a client: a code that only this process can make for its address, port and random number.
  ///
  /// - Parameter age: The number of periods that have passed since.
  private static func cookie(for session: TLSSession, age: Int64 = 0) -> [UInt8] {
    let time = WallClock.nanoseconds / period - age
    let text = Array("\(time) \(session.remote) ".utf8) + (session.clientRandom ?? [])
    var code = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    _ = unsafe openssl.HMAC(
      openssl.EVP_sha256(), secret, CInt(secret.count), text, text.count, &code, &count)
    return Array(code.prefix(Int(count)))
  }

  /// Compares in a time that does not depend on where the bytes differ.
  private static func isEqual(_ cookie: [UInt8], _ given: UnsafeBufferPointer<UInt8>) -> Bool {
    guard given.count == cookie.count else { return false }
    var difference: UInt8 = 0
    for (index, byte) in cookie.enumerated() { unsafe difference |= byte ^ given[index] }
    return difference == 0
  }

  private static let generate:
    @convention(c) (OpaquePointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<UInt32>?) -> CInt = {
      session, room, count in
      let cookie = unsafe cookie(for: TLSSession.of(session))
      for (index, byte) in cookie.enumerated() { unsafe room?[index] = byte }
      unsafe count?.pointee = UInt32(cookie.count)
      return 1
    }

  private static let verify: @convention(c) (OpaquePointer?, UnsafePointer<UInt8>?, UInt32) -> CInt = {
    session, bytes, count in
    let given = unsafe UnsafeBufferPointer(start: bytes, count: Int(count))
    let session = unsafe TLSSession.of(session)
    let isKnown = unsafe isEqual(cookie(for: session), given) || isEqual(cookie(for: session, age: 1), given)
    return isKnown ? 1 : 0
  }
}
