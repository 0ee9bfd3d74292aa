// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import SystemPackage

/// Ends a stream once everything was written to it, without waiting (lingering close).
///
/// Closing while unread bytes arrive would reset the connection, and the peer would lose what it has not received yet.
/// So the stream is half-closed, and bytes are read and discarded until the peer has finished too, or has been silent
/// for a while, and the system is given time to deliver what was sent. Before a reset, only that delivery is awaited.
package final class LingeringClose {
  /// How long a lingering close may take.
  package struct Limits: Equatable, Sendable {
    /// The time for which a silent peer is read from.
    package let silence: Duration
    /// The time for which a peer is read from that does not stop sending, or waited for while its system acknowledges
    /// nothing.
    package let total: Duration
    /// Whether the end waits until the peer's system has acknowledged everything.
    package let awaitsDelivery: Bool

    /// Creates limits.
    package init(silence: Duration, total: Duration, awaitsDelivery: Bool) {
      (self.silence, self.total, self.awaitsDelivery) = (silence, total, awaitsDelivery)
    }
  }

  /// What is to be done next.
  package enum Step: Equatable, Sendable {
    /// `proceed` must be called once the stream can be read or written, as stated, or at the deadline.
    case await(Readiness)
    /// The stream may be closed; not everything is delivered if the time was over.
    case over(isDelivered: Bool)
  }

  private let rule: CloseRule
  private let stream: any ByteStream
  private let limits: Limits
  private let sent: Int?
  private var silenceEnd: Deadline
  private var delivery: DeliveryCheck
  private var hasHalfClosed = false
  private var hasPeerFinished = false
  /// Whether the peer's system has acknowledged everything, as far as that is awaited.
  package private(set) var isDelivered: Bool

  /// Starts to end a stream.
  ///
  /// - Parameters:
  ///   - rule: How the stream will be closed.
  ///   - sent: The number of bytes sent, all of which must be acknowledged when the peer has finished; `nil` to skip
  ///     this check.
  package init(
    _ rule: CloseRule, of stream: any ByteStream, within limits: Limits, sent: Int? = nil, at now: Deadline
  ) {
    (self.rule, self.stream, self.limits, self.sent) = (rule, stream, limits, sent)
    silenceEnd = now + limits.silence
    delivery = DeliveryCheck(limit: limits.total, from: now)
    isDelivered = !limits.awaitsDelivery
  }

  /// The time at which to call `proceed` at the latest.
  package var deadline: Deadline { min(delivery.end, isDelivered ? silenceEnd : delivery.next) }

  /// Does what can be done now.
  ///
  /// - Throws: The error that broke the connection.
  package func proceed(with resources: CopyResources, at now: Deadline) throws(IOFailure) -> Step {
    if rule == .orderly {
      if !hasHalfClosed, try !halfClose() { return .await(.writable) }
      if !hasPeerFinished { try discard(with: resources, at: now) }
    }
    if !isDelivered {
      // A peer that has finished may have closed, and then the half-close is never acknowledged.
      let allowance = rule == .orderly && hasPeerFinished ? 1 : 0
      isDelivered = try delivery.isDelivered(over: stream, payloadEnd: nil, allowance: allowance, at: now)
    }
    let isSilent = rule == .abort || hasPeerFinished || silenceEnd <= now
    guard delivery.end > now, !(isDelivered && isSilent) else { return .over(isDelivered: isDelivered) }
    return .await(rule == .orderly && !hasPeerFinished ? .readable : [])
  }

  /// - Returns: Whether the end was sent; otherwise the stream must be ready for writing first.
  private func halfClose() throws(IOFailure) -> Bool {
    switch try stream.finish() {
    case .wouldBlock: return false
    case .disconnected where try stream.unacknowledgedBytes() > 0:
      throw stream.writeError(try stream.takeError() ?? .errno(.brokenPipe))
    case .disconnected, .done: hasHalfClosed = true
    }
    return true
  }

  /// Reads available bytes once, and discards them.
  private func discard(with resources: CopyResources, at now: Deadline) throws(IOFailure) {
    switch try resources.read(from: stream) {
    case .moved: silenceEnd = now + limits.silence
    case .endOfStream:
      hasPeerFinished = true
      if let sent, let reason = stream.errorBehindEnd(received: nil, sent: sent) {
        throw stream.writeError(reason)
      }
    case .wouldBlock: break
    }
  }
}
