// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import COpenSSL
import Glibc
package import Sockets
import SystemPackage
import Text
package import Transport

/// A session of DTLS 1.2 (RFC 6347) with one peer.
@safe package final class DTLSSession: DatagramSession {
  private enum State {
    case handshake
    case open
    /// The peer has ended it, or we have.
    case ended
    case failed(IOFailure)
  }

  private let tls: TLSSession
  private let memory = DatagramMemory()
  private var state = State.handshake
  private var start: Deadline?
  /// The length of an encrypted record without content. Those of a handshake are longer, whatever the cipher.
  private var shortestRecord = uncountedOverhead

  /// The same for ciphers without a nonce in the record, or with a short tag.
  private static let shorterRecord = 16

  /// The maximum length of a message: that of a record's payload.
  package static let longestMessage = 16_384

  /// The nonce and the tag of a record with authenticated encryption, which the library leaves out of its sizes.
  private static let uncountedOverhead = 24

  /// Creates the session before its handshake.
  init(in context: TLSContext, with remote: Address, named name: String) {
    tls = TLSSession(in: context, with: remote, named: name)
    let bio = unsafe memory.makeBIO()
    unsafe openssl.SSL_set_bio(tls.pointer, bio, bio)
    let size = context.settings.datagramSize - Self.uncountedOverhead
    _ = unsafe openssl.SSL_ctrl(tls.pointer, SSL_CTRL_SET_MTU, size, nil)
  }

  /// What the session shares with others.
  var context: TLSContext { tls.context }

  // MARK: The handshake

  package func handshake() throws(IOFailure) -> Finish {
    switch state {
    case .open, .ended: return .done
    case .failed(let failure): throw failure
    case .handshake: break
    }
    let now = Deadline.now
    if start == nil {
      start = now
      try unsafe context.sessionFile?.resume(in: tls.pointer)
    }
    let (error, reason) = tls.handshake()
    switch error {
    case SSL_ERROR_NONE:
      guard tls.didOpen() else { throw fail(error, reason, in: .handshake) }
      state = .open
      let cipher = unsafe OpenSSL.text(
        openssl.SSL_CIPHER_get_name(openssl.SSL_get_current_cipher(tls.pointer)))
      let isShort = ["CHACHA20", "CCM8"].contains { cipher.includes($0) }
      if isShort { shortestRecord = Self.shorterRecord }
      context.report(.established(tls.summary(after: start?.duration(until: now) ?? .zero), with: tls.remote))
      return .done
    case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .wouldBlock
    default: throw fail(error, reason, in: .handshake)
    }
  }

  /// Takes the first datagram of a client, which has no session yet.
  ///
  /// - Returns: Whether it proves by a cookie that the client receives at its address: then the session begins with it.
  func listen(to datagram: Span<UInt8>, from client: Address) -> Bool {
    guard let random = Self.random(ofHello: datagram), let address = unsafe openssl.BIO_ADDR_new() else {
      return false
    }
    defer { unsafe openssl.BIO_ADDR_free(address) }
    (tls.remote, tls.name, tls.clientRandom) = (client, "\(client)", random)
    take(datagram)
    let result = unsafe openssl.DTLSv1_listen(tls.pointer, address)
    openssl.ERR_clear_error()
    return result > 0
  }

  /// The random number of a ClientHello at the start of a datagram; `nil` if there is none.
  private static func random(ofHello datagram: Span<UInt8>) -> [UInt8]? {
    // A record of a handshake in epoch 0, a message of type 1 that is not a later fragment, a version.
    let (recordHeader, messageHeader, version, length) = (13, 12, 2, 32)
    let start = recordHeader + messageHeader + version
    guard datagram.count >= start + length, datagram[0] == UInt8(SSL3_RT_HANDSHAKE),
      datagram[3] == 0, datagram[4] == 0, datagram[recordHeader] == UInt8(SSL3_MT_CLIENT_HELLO),
      (recordHeader + 6..<recordHeader + 9).allSatisfy({ datagram[$0] == 0 })
    else { return nil }
    return [UInt8](copying: datagram.extracting(start..<start + length))
  }

  package func isSuperseded(by datagram: Span<UInt8>) -> Bool {
    guard let clientRandom = tls.clientRandom, let random = Self.random(ofHello: datagram) else {
      return false
    }
    return random != clientRandom
  }

  // MARK: Time

  package var deadline: Deadline {
    var left = timeval()
    guard unsafe openssl.SSL_ctrl(tls.pointer, DTLS_CTRL_GET_TIMEOUT, 0, &left) == 1 else {
      return handshakeEnd
    }
    let time = Duration.seconds(left.tv_sec) + .microseconds(Int64(left.tv_usec))
    // A time that has passed, rather than the present one, which no earlier call would find to have come.
    if time == .zero, let start { return start }
    return min(.after(time), handshakeEnd)
  }

  private var handshakeEnd: Deadline {
    guard case .handshake = state, let start, let limit = context.handshakeLimit else { return .never }
    return start + limit
  }

  package func expire(at now: Deadline) throws(IOFailure) {
    if handshakeEnd <= now {
      throw fail(IOFailure(.secure(with: tls.name), .errno(.timedOut)), in: .handshake)
    }
    let result = unsafe openssl.SSL_ctrl(tls.pointer, DTLS_CTRL_HANDLE_TIMEOUT, 0, nil)
    openssl.ERR_clear_error()
    // The library repeats a datagram a limited number of times.
    guard result < 0 else { return }
    throw fail(IOFailure(.secure(with: tls.name), .errno(.timedOut)), in: .handshake)
  }

  // MARK: Messages

  package func take(_ datagram: Span<UInt8>) {
    memory.put(DTLSRecords.plausible(in: datagram, shortest: shortestRecord))
  }

  package func read(into buffer: inout MutableSpan<UInt8>) throws(IOFailure) -> Transfer {
    guard try handshake() == .done else { return .wouldBlock }
    if case .ended = state { return .endOfStream }
    let (count, error, reason) = unsafe buffer.withUnsafeMutableBytes { bytes in
      var count = 0
      let result = unsafe openssl.SSL_read_ex(tls.pointer, bytes.baseAddress, bytes.count, &count)
      let error = unsafe result == 1 ? SSL_ERROR_NONE : openssl.SSL_get_error(tls.pointer, result)
      return (count, error, OpenSSL.takeError())
    }
    switch error {
    case SSL_ERROR_NONE: return .moved(count)
    case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .wouldBlock
    case SSL_ERROR_ZERO_RETURN:
      state = .ended
      return .endOfStream
    default: throw fail(error, reason, in: .data)
    }
  }

  package func datagram(protecting message: Span<UInt8>) throws(IOFailure) -> [UInt8] {
    let operation = Operation.sendDatagram(to: tls.remote)
    guard try handshake() == .done else { throw IOFailure(operation, .wouldBlock) }
    if case .ended = state { throw IOFailure(operation, .truncated("the peer has ended the session")) }
    guard message.count <= Self.longestMessage else { throw IOFailure(operation, .messageTooLong) }
    guard message.count > 0 else {
      throw IOFailure(operation, .malformed("an empty message cannot be sent with DTLS"))
    }
    let count = memory.outgoing.count
    let (error, reason) = unsafe message.withUnsafeBytes { bytes in
      var count = 0
      let result = unsafe openssl.SSL_write_ex(tls.pointer, bytes.baseAddress, bytes.count, &count)
      let error = unsafe result == 1 ? SSL_ERROR_NONE : openssl.SSL_get_error(tls.pointer, result)
      return (error, OpenSSL.takeError())
    }
    guard error == SSL_ERROR_NONE else { throw fail(error, reason, in: .data) }
    guard let datagram = memory.takeLast(behind: count) else { throw IOFailure(operation, .wouldBlock) }
    return datagram
  }

  package func takeDatagrams() -> [[UInt8]] { memory.take() }

  /// Sends close_notify.
  package func end() {
    guard case .open = state else { return }
    state = .ended
    _ = unsafe openssl.SSL_shutdown(tls.pointer)
    openssl.ERR_clear_error()
  }

  // MARK: Failures

  private func fail(_ error: CInt, _ reason: OpenSSLError, in stage: TLSFailure.Stage) -> IOFailure {
    fail(FailureExplanation(of: tls).failure(error, reason, in: stage), in: stage)
  }

  private func fail(_ failure: IOFailure, in stage: TLSFailure.Stage) -> IOFailure {
    state = .failed(failure)
    tls.report(failure, in: stage)
    return failure
  }
}
