// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import COpenSSL
package import Sockets
package import SystemPackage
import Text
package import Transport

/// A stream whose bytes are protected by TLS (RFC 8446, RFC 5246) on their way over another stream.
///
/// The handshake takes place with the first call, and none of them waits.
@safe package final class TLSStream: ByteStream {
  private enum State {
    case handshake
    case open
    case failed(IOFailure, TLSFailure.Stage)
  }

  private let tls: TLSSession
  private let records: RecordChannel
  /// Whether the peer's name is another one than that of the stream below.
  private let hasOwnName: Bool
  private var state = State.handshake
  private var start: Deadline?
  /// The time by which the handshake must be complete; `nil` before it begins.
  private var handshakeEnd: Deadline?
  /// The number of bytes of a write that are in unsent records, and not reported as written yet.
  private var unreported = 0
  /// A failure to read after bytes were read, which the next read reports.
  private var readProblem: IOFailure?
  private var hasPeerEnded = false
  /// Whether a read has returned the end, or the failure to read.
  private var hasReportedEnd = false
  private var hasBegunEnd = false
  /// Whether the library may have more bytes: the last read did not use up what was received.
  private var mayHaveMore = false
  private var delivery = RecordDelivery()

  /// The maximum number of bytes that are encrypted at once.
  private static let longestWrite = 256 << 10

  /// Takes over a stream on which nothing has been sent or received.
  ///
  /// - Parameter name: The peer's name for messages; `nil` for that of the stream below.
  init(over transport: any ByteStream, in context: TLSContext, named name: String?) {
    hasOwnName = name != nil
    tls = TLSSession(in: context, with: transport.remote, named: name ?? transport.name)
    records = RecordChannel(over: transport)
    let bio = unsafe records.makeBIO()
    unsafe openssl.SSL_set_bio(tls.pointer, bio, bio)
  }

  // MARK: The stream below

  package var medium: DescriptorKind { .opaque }
  package var name: String { tls.name }
  package var descriptor: FileDescriptor { records.transport.descriptor }
  package var remote: Address { tls.remote }
  package var local: Address { records.transport.local }
  /// Enables the detection of a vanished peer.
  package func probePeer() throws(IOFailure) { try records.transport.probePeer() }
  package func takeError() throws(IOFailure) -> IOFailure.Reason? { try records.transport.takeError() }
  package func didFail(_ reason: IOFailure.Reason) { records.transport.didFail(reason) }
  package var failure: IOFailure.Reason? { records.transport.failure }
  package func stopLingering() throws(IOFailure) { try records.transport.stopLingering() }
  package func lastDelivery(at now: Deadline) -> Deadline? { records.transport.lastDelivery(at: now) }

  package private(set) var end: StreamEnd?

  package var attributes: [String: String] {
    if case .open = state { tls.attributes } else { [:] }
  }

  package var isWorthRepeating: Bool { records.transport.isWorthRepeating }

  /// Passes the observer on to the stream below.
  package func observeHandshake(_ observer: @escaping (TrafficDirection, ArraySlice<UInt8>) -> Void) {
    records.transport.observeHandshake(observer)
  }

  // MARK: Waiting

  /// Whether bytes are decrypted or received that no wait reports.
  package var hasBufferedInput: Bool {
    guard !hasReportedEnd else { return false }
    return hasPeerEnded || readProblem != nil || mayHaveMore && hasUnread
      || records.transport.hasBufferedInput
  }

  /// Whether the library holds decrypted bytes, or whole or partial records.
  private var hasUnread: Bool {
    unsafe openssl.SSL_pending(tls.pointer) > 0 || openssl.SSL_has_pending(tls.pointer) == 1
  }

  package func interest(reading: Bool, writing: Bool) -> Readiness {
    let isUnsent = records.unsent > 0 && records.sendFailure == nil
    guard case .open = state else { return records.transport.interest(reading: true, writing: isUnsent) }
    return records.transport.interest(reading: reading, writing: writing || isUnsent)
  }

  /// Whether a read should be tried, also in order to send a record that the last one has made.
  package func canRead(after readiness: Readiness) -> Bool {
    if case .open = state { return readiness.allowsRead || records.unsent > 0 && readiness.allowsWrite }
    return !readiness.isEmpty
  }

  package func canWrite(after readiness: Readiness) -> Bool {
    if case .open = state { return readiness.allowsWrite }
    return !readiness.isEmpty
  }

  package var deadline: Deadline {
    if case .handshake = state { return min(handshakeEnd ?? .never, records.transport.deadline) }
    return .never
  }

  // MARK: The handshake

  /// Agrees on keys with the peer, and verifies it.
  ///
  /// - Throws: The reason why one side has refused the other.
  package func handshake() throws(IOFailure) -> Finish {
    switch state {
    case .open: return .done
    case .failed(let failure, _): throw failure
    case .handshake: break
    }
    let now = Deadline.now
    if handshakeEnd == nil { handshakeEnd = tls.context.handshakeLimit.map { now + $0 } ?? .never }
    guard try completeTransport(at: now) else { return .wouldBlock }
    if start == nil {
      start = now
      // The handshake below may have told whom the peer acts for.
      tls.remote = records.transport.remote
      if !hasOwnName { tls.name = records.transport.name }
      try unsafe tls.context.sessionFile?.resume(in: tls.pointer)
    }
    let (error, reason) = tls.handshake()
    let isComplete = error == SSL_ERROR_NONE
    if isComplete { state = .open }
    do throws(IOFailure) { _ = try records.flush() } catch let failure {
      let isHeard = error == SSL_ERROR_WANT_READ && records.receiveFailure == nil && !records.hasEnded
      // The peer may have said why it has closed the connection.
      if isHeard, failure.endsConnection { return .wouldBlock }
      if isComplete || isHeard { throw fail(failure, in: .handshake) }
    }
    if isComplete {
      mayHaveMore = true
      guard tls.didOpen() else {
        throw fail(explanation.failure(error, reason, in: .handshake), in: .handshake)
      }
      tls.context.report(
        .established(tls.summary(after: start?.duration(until: now) ?? .zero), with: remote))
      return .done
    }
    if error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE, !records.hasEnded {
      try checkTime(at: now)
      return .wouldBlock
    }
    throw fail(explanation.failure(error, reason, in: .handshake), in: .handshake)
  }

  /// Completes the handshake of the stream below.
  ///
  /// - Returns: Whether it is complete.
  private func completeTransport(at now: Deadline) throws(IOFailure) -> Bool {
    do throws(IOFailure) {
      if try records.transport.handshake() == .done { return true }
    } catch {
      throw fail(error, in: .handshake)
    }
    try checkTime(at: now)
    return false
  }

  /// That of the stream below until its handshake is complete.
  package var handshakeOperation: Operation {
    start == nil ? records.transport.handshakeOperation : .secure(with: name)
  }

  private func checkTime(at now: Deadline) throws(IOFailure) {
    guard let handshakeEnd, handshakeEnd <= now else { return }
    throw fail(IOFailure(handshakeOperation, .errno(.timedOut)), in: .handshake)
  }

  // MARK: Failures

  /// Records a failure after which the connection is of no use.
  private func fail(_ error: IOFailure, in stage: TLSFailure.Stage) -> IOFailure {
    state = .failed(error, stage)
    tls.report(error, in: stage)
    return error
  }

  /// Explains the errors of this connection.
  private var explanation: FailureExplanation { FailureExplanation(of: tls, over: records) }

  // MARK: Moving bytes

  package func read(into buffer: inout MutableSpan<UInt8>, atMost limit: Int) throws(IOFailure) -> Transfer {
    if let end = try takeEnd() { return end }
    guard try handshake() == .done else { return .wouldBlock }
    let room = min(buffer.count, limit)
    var total = 0
    while total < room {
      let (count, error, reason) = unsafe buffer.withUnsafeMutableBytes { bytes in
        var count = 0
        let result = unsafe openssl.SSL_read_ex(
          tls.pointer, bytes.baseAddress?.advanced(by: total), room - total, &count)
        let error = unsafe result == 1 ? SSL_ERROR_NONE : openssl.SSL_get_error(tls.pointer, result)
        return (count, error, result == 1 ? nil : OpenSSL.takeError())
      }
      total += count
      if let reason {
        mayHaveMore = false
        try noteEnd(error, reason)
        break
      }
      mayHaveMore = true
      // Another call would receive again.
      guard hasUnread else { break }
    }
    // The answer to a change of keys; a failure is the next write's.
    if records.unsent > 0 { _ = try? records.flush() }
    if total > 0 { return .moved(total) }
    return try takeEnd() ?? .wouldBlock
  }

  /// The end of what the peer has sent, if it was met.
  private func takeEnd() throws(IOFailure) -> Transfer? {
    guard hasPeerEnded || readProblem != nil else { return nil }
    hasReportedEnd = true
    if let problem = readProblem { throw problem }
    return .endOfStream
  }

  /// Handles a read that has returned no bytes.
  private func noteEnd(_ error: CInt, _ reason: OpenSSLError) throws(IOFailure) {
    switch error {
    case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE:
      if records.hasEnded { noteTruncation() }
    case SSL_ERROR_ZERO_RETURN:
      hasPeerEnded = true
      end = .closeNotify
      if hasBegunEnd { try endTransport() }
    default:
      let failure = explanation.failure(error, reason, in: .data)
      if case .errno = failure.reason { end = .reset }
      readProblem = fail(failure, in: .data)
    }
  }

  /// Handles an end of the stream below without close_notify. Nothing more is received, and sending goes on.
  private func noteTruncation() {
    if let hidden = records.transport.errorBehindEnd(received: records.received) {
      end = .reset
      readProblem = fail(IOFailure(.receive(from: name), hidden), in: .data)
      return
    }
    end = .truncated
    // A part of a record is lost in any case.
    let isWithinRecord = unsafe openssl.SSL_has_pending(tls.pointer) == 1
    guard isWithinRecord || !tls.context.settings.allowsTruncation else {
      hasPeerEnded = true
      return
    }
    let error = IOFailure(
      .receive(from: name),
      .truncated(
        isWithinRecord
          ? "ended within a record"
          : "ended without close_notify: it may be cut short (--tls-allow-truncation to accept that)"))
    readProblem = error
    tls.report(error, in: .data)
  }

  /// Encrypts and sends.
  ///
  /// Bytes count as written once their records are: until then the caller keeps them, and a call that would block is
  /// repeated with the same bytes.
  package func write(_ buffer: Span<UInt8>, moreFollows: Bool) throws(IOFailure) -> Transfer {
    guard try handshake() == .done else { return .wouldBlock }
    guard try flush() else { return .wouldBlock }
    if unreported > 0 { return report(buffer.count) }
    let piece = buffer.extracting(first: min(buffer.count, Self.longestWrite))
    records.reserve(piece.count)
    let (error, reason) = unsafe piece.withUnsafeBytes { bytes in
      var count = 0
      let result = unsafe openssl.SSL_write_ex(tls.pointer, bytes.baseAddress, bytes.count, &count)
      return unsafe result == 1
        ? (SSL_ERROR_NONE, OpenSSLError(code: 0))
        : (openssl.SSL_get_error(tls.pointer, result), OpenSSL.takeError())
    }
    switch error {
    case SSL_ERROR_NONE: break
    case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .wouldBlock
    default: throw fail(explanation.failure(error, reason, in: .data), in: .data)
    }
    delivery.didWrite(piece.count, endingAtRecordByte: records.produced)
    unreported = piece.count
    return try flush() ? report(buffer.count) : .wouldBlock
  }

  private func report(_ limit: Int) -> Transfer {
    let count = min(unreported, limit)
    unreported -= count
    return .moved(count)
  }

  /// - Returns: Whether nothing is left to send.
  private func flush() throws(IOFailure) -> Bool {
    do { return try records.flush() } catch {
      if let refusal = receivedRefusal() { throw fail(refusal, in: .data) }
      throw error
    }
  }

  /// The alert with which the peer has ended a connection that broke while bytes were sent. With TLS 1.3 it refuses our
  /// certificate when our side of the handshake is over.
  private func receivedRefusal() -> IOFailure? {
    var byte: UInt8 = 0
    var count = 0
    let result = unsafe openssl.SSL_peek_ex(tls.pointer, &byte, 1, &count)
    guard result != 1 else { return nil }
    let reason = OpenSSL.takeError()
    return reason.receivedAlert.map { IOFailure(.secure(with: name), explanation.reason(for: $0)) }
  }

  // MARK: The end

  /// Sends close_notify; the connection stays open for the peer's bytes.
  package func finish() throws(IOFailure) -> Finish {
    if case .failed = state { return .disconnected }
    guard try handshake() == .done else { return .wouldBlock }
    do throws(IOFailure) {
      if !hasBegunEnd {
        guard try flush() else { return .wouldBlock }
        hasBegunEnd = true
        let result = unsafe openssl.SSL_shutdown(tls.pointer)
        openssl.ERR_clear_error()
        guard result >= 0 else { return .disconnected }
        delivery.didEnd(atRecordByte: records.produced)
      }
      guard try flush() else { return .wouldBlock }
      if hasPeerEnded { try endTransport() }
      return .done
    } catch {
      guard error.endsConnection else { throw error }
      // What has arrived before is still to be read.
      didFail(error.reason)
      return .disconnected
    }
  }

  /// Half-closes the connection below once both sides have sent close_notify: nothing follows, and the peer's system
  /// acknowledges a FIN at once, where it may delay the acknowledgement of bytes.
  private func endTransport() throws(IOFailure) {
    if records.unsent == 0 { _ = try records.transport.finish() }
  }

  /// Determines how closing ends the stream. An orderly end begins with close_notify.
  package func setCloseRule(_ rule: CloseRule) throws(IOFailure) -> Finish {
    // The alert of a failed handshake is its end, which a reset could overtake.
    if case .failed(_, .handshake) = state, tls.alert != nil {
      return try records.transport.setCloseRule(.orderly)
    }
    if rule == .orderly, case .open = state, try finish() == .wouldBlock { return .wouldBlock }
    return try records.transport.setCloseRule(rule)
  }

  package func errorBehindEnd(received: Int?, sent: Int?) -> IOFailure.Reason? { nil }

  // MARK: Delivery

  package func unreadBytes() throws(IOFailure) -> Int {
    try records.transport.unreadBytes() + Int(unsafe openssl.SSL_pending(tls.pointer))
  }

  /// The number of bytes of payload that the peer's system has not acknowledged, with close_notify counting as one.
  package func unacknowledgedBytes() throws(IOFailure) -> Int {
    let below = try records.unsent + records.transport.unacknowledgedBytes()
    guard below > 0, let acknowledged = records.transport.acknowledgedBytes() else { return below }
    return delivery.unacknowledged(recordBytesAcknowledged: acknowledged)
  }

  package func acknowledgedBytes() -> Int? {
    guard let acknowledged = records.transport.acknowledgedBytes() else { return nil }
    return delivery.acknowledged(recordBytesAcknowledged: acknowledged)
  }
}
