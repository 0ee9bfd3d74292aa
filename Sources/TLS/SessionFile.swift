// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import COpenSSL
import Sockets
import SystemPackage

/// The file in which a client keeps a session, to resume it with the next connection.
///
/// A session belongs to a server and to the way in which that was verified. It is used for no other: what was saved
/// without verification never takes the place of one.
struct SessionFile: Sendable {
  private let path: String
  /// Identifies the server and the way in which it is verified.
  private let context: [UInt8]

  /// Refers to a file.
  ///
  /// - Throws: The error of a file of authorities.
  init(_ path: String, for settings: TLSClientSettings) throws(IOFailure) {
    self.path = path
    let common = settings.common
    var parts = [
      settings.name, settings.isVerified ? "verified" : "not verified", "\(common.isStrict)",
      "\(common.isDatagram)",
    ]
    parts += common.pins.map { "\($0)" }
    for path in common.authorities + common.revocationLists {
      parts.append(path)
      if let status = try? FileStatus(ofPath: path), status.kind == .directory {
        // The time of its last change: 'openssl rehash' writes a link for each certificate.
        parts.append("\(status.modified)")
      } else {
        parts.append(String(decoding: try Identity.content(of: path), as: UTF8.self))
      }
    }
    // Each with its length, so that no two lists of parts have the same text.
    let text = parts.map { "\($0.utf8.count):\($0)" }.joined()
    context = unsafe Array(text.utf8).withUnsafeBytes { unsafe Digest.sha256($0) }
  }

  /// Makes a context save its sessions, and mark them.
  func prepare(_ pointer: OpaquePointer) {
    let mode = SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL
    _ = unsafe openssl.SSL_CTX_ctrl(pointer, SSL_CTRL_SET_SESS_CACHE_MODE, Int(mode), nil)
    _ = unsafe openssl.SSL_CTX_set_session_id_context(pointer, context, UInt32(context.count))
  }

  /// Makes a connection resume the session of the file, if there is one for this server.
  ///
  /// - Throws: The error of a file that cannot be read, or holds no session.
  func resume(in connection: OpaquePointer) throws(IOFailure) {
    let content: [UInt8]
    do throws(Errno) { content = try RegularFile.bytes(of: path) ?? [] } catch .noSuchFileOrDirectory {
      return
    } catch {
      throw IOFailure(.read(path), error)
    }
    let session = unsafe Identity.withMemory(content) {
      unsafe openssl.PEM_read_bio_SSL_SESSION($0, nil, nil, nil)
    }
    openssl.ERR_clear_error()
    guard let session = unsafe session else {
      throw IOFailure(.read(path), .malformed("no TLS session in PEM (--tls-session)"))
    }
    defer { unsafe openssl.SSL_SESSION_free(session) }
    var count: UInt32 = 0
    let start = unsafe openssl.SSL_SESSION_get0_id_context(session, &count)
    guard unsafe UnsafeBufferPointer(start: start, count: Int(count)).elementsEqual(context) else { return }
    _ = unsafe openssl.SSL_set_session(connection, session)
  }

  /// Saves a session. A failure must not end the connection, which works: the next one then takes a whole handshake.
  func save(_ session: OpaquePointer) {
    guard let memory = unsafe openssl.BIO_new(openssl.BIO_s_mem()) else { return }
    defer { _ = unsafe openssl.BIO_free(memory) }
    guard unsafe openssl.PEM_write_bio_SSL_SESSION(memory, session) == 1 else { return }
    try? unsafe ReplacedFile.write(Identity.bytes(in: memory), to: path, permissions: .ownerReadWrite)
  }
}
