// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import SystemPackage
package import Transport

/// The rules of a relay as a value without any I/O. It records events, and determines what may be done next, what is
/// due, and whether and how the relay is over.
///
/// "Input" goes to the peer, "output" comes from it.
package struct RelayRules: Equatable, Sendable {
  /// How a relay ended.
  package enum Outcome: Equatable, Sendable {
    /// Everything read was passed on, and the connection was closed in order.
    case finished
    /// A stream or the connection broke.
    case failed(IOFailure)
    /// No byte moved in either direction within the idle time.
    case idle
    /// The relay exceeded its total time.
    case late
    /// A signal requested the end.
    case interrupted(by: CInt)
  }

  /// From the input to the peer.
  package private(set) var sent = TransferCounters()
  /// From the peer to the output.
  package private(set) var received = TransferCounters()
  /// When to stop waiting for the peer after the end of input.
  package private(set) var quitDeadline = Deadline.never
  /// When to stop waiting for an input that has never had a byte, after the peer has ended.
  package var inputWaitEnd: Deadline { awaitsUnusedInput ? unusedInputEnd ?? .never : .never }

  /// Whether the peer must see a reset although the connection is half-closed: after an orderly end, it would take the
  /// received bytes for complete, or the bytes that it sent for written.
  private var isResetDue = false

  private let policy: RelayPolicy
  private var hasHalfClosed = false
  private var hasClosedOutput = false
  private var isProbing = false
  private var isQuitting = false
  private var isEndingEarly = false
  private var isDelivered = false
  private var isAnsweringOver = false
  private var receiveFailure: IOFailure?
  private var verdict: Outcome?
  private var unusedInputEnd: Deadline?

  /// Creates the rules of a relay that has not started.
  package init(_ policy: RelayPolicy) {
    self.policy = policy
    if policy.directions == .receiveOnly { sent.end() }
  }

  // MARK: Events

  /// Bytes were taken from the input.
  package mutating func didTakeInput(_ count: Int) { sent.take(count) }
  /// Sets the number of bytes to be sent besides those of the input: answers, and the rest of a conversion.
  package mutating func didOwe(_ count: Int) { sent.owe(isAnsweringOver ? 0 : count) }
  /// The connection accepted bytes.
  package mutating func didSend(_ count: Int) { sent.pass(count) }
  /// Bytes were received.
  package mutating func didReceive(_ count: Int) { received.take(count) }
  /// The output accepted bytes.
  package mutating func didWrite(_ count: Int) { received.pass(count) }
  /// The connection was half-closed.
  package mutating func didHalfClose() { hasHalfClosed = true }
  /// The output was closed.
  package mutating func didCloseOutput() { hasClosedOutput = true }
  /// The connection is being probed for a peer that vanishes.
  package mutating func didStartProbing() { isProbing = true }
  /// The peer's system has acknowledged everything.
  package mutating func didDeliver() { isDelivered = true }
  /// The time to wait for the peer after the end of input has passed.
  package mutating func didReachQuitDeadline() {
    isQuitting = true
    quitDeadline = .never
  }

  /// The input has ended.
  package mutating func inputEnded(at now: Deadline) {
    sent.end()
    if let quitAfter = policy.quitAfter { quitDeadline = now + quitAfter }
  }

  /// The peer has stopped sending.
  package mutating func peerEnded() { received.end() }

  /// As much was received as was asked for: the rest of both directions is left, and the relay ends in order.
  package mutating func didReachReceiveLimit() { endEarly() }

  /// The reader of the output has closed it, while only the peer was awaited.
  package mutating func readerLeft() { received.end() }

  /// Nothing has moved for the idle time. This is a failure, unless the policy asks for an orderly end and nothing is
  /// left to send.
  package mutating func didReachIdleLimit() {
    let mayEnd = policy.endsInOrderWhenIdle && !isEndingEarly && sent.pending == 0 && sent.owed == 0
    if mayEnd { endEarly() } else { stop(.idle) }
  }

  private mutating func endEarly() {
    isEndingEarly = true
    received.end()
    sent.end()
  }

  /// Receiving failed: a reset, or a peer that did not answer probes.
  package mutating func receivingFailed(_ error: IOFailure) {
    received.end()
    // What is discarded need not be complete.
    if case .truncated = error.reason, policy.directions == .sendOnly { return }
    receiveFailure = error
  }

  /// The traffic could not be recorded: nothing more is moved except what has arrived.
  package mutating func recordingFailed(_ error: IOFailure) {
    sent.fail(error)
    receivingFailed(error)
    isResetDue = true
  }

  /// The input could not be read, or the output could not be written.
  package mutating func localStreamFailed(_ error: IOFailure) {
    // A reader that has closed the output needed no more.
    if error.code != .brokenPipe { isResetDue = true }
    stop(.failed(error))
  }

  /// Sending failed: received bytes are still written, unless the failure is not one of the connection.
  package mutating func sendingFailed(_ error: IOFailure) {
    sent.fail(error)
    if !error.endsConnection { stop(.failed(error)) }
  }

  /// Sending failed while only answers to the peer, and nothing of the input, were left to send.
  package mutating func answeringFailed(_ error: IOFailure) {
    isAnsweringOver = true
    sent.owe(0)
    if !error.endsConnection { stop(.failed(error)) }
  }

  /// Starts the time to wait for an input that has never had a byte.
  package mutating func beginInputWait(at now: Deadline) {
    if let inputWait = policy.inputWait { unusedInputEnd = now + inputWait }
  }

  /// After its end-of-stream the peer turned out to have closed the connection entirely.
  ///
  /// - Parameters:
  ///   - unacknowledged: The number of bytes that it had not acknowledged by then.
  ///   - hasInput: Whether the input has bytes that were to be sent.
  package mutating func peerVanished(_ error: IOFailure, unacknowledged: Int, hasInput: Bool) {
    // A Unix socket reports by a reset that the peer left bytes unread.
    if sent.pending > 0 || unacknowledged > 0 || hasInput || error.code == .connectionReset {
      sent.fail(error)
    } else {
      isDelivered = true
      hasHalfClosed = true
      isAnsweringOver = true
      sent.owe(0)
      sent.end()
    }
  }

  /// Ends the relay from outside: a time-out or a signal.
  package mutating func stop(_ outcome: Outcome) { verdict = verdict ?? outcome }

  // MARK: Permitted actions

  /// Whether the input may be read.
  package var mayTakeInput: Bool { sent.isOpen }
  /// Whether the input is over as soon as it has no bytes.
  package var isInputUnawaited: Bool { policy.stopsInputOnPeerEnd && received.hasEnded && sent.isOpen }
  /// Whether the connection may be read.
  package var mayReceive: Bool { !received.hasEnded && !(isQuitting && isDelivered) }
  /// Whether bytes taken from the input may still be sent.
  package var maySend: Bool { sent.failure == nil && (sent.pending > 0 || sent.owed > 0) }
  /// Whether answers to the peer, besides the payload, may still be sent.
  package var mayAnswer: Bool {
    sent.failure == nil && !hasHalfClosed && !isAnsweringOver && !received.hasEnded
  }

  // MARK: Due actions

  /// Whether the connection must be half-closed.
  package var isHalfCloseDue: Bool {
    policy.directions != .receiveOnly && policy.halfCloses && sent.isDone && sent.failure == nil
      && !hasHalfClosed && (policy.halfClosesUnused || isEndOfUse)
  }

  /// Whether the end of the input is one of something that was sent, or nothing more is expected from the peer.
  private var isEndOfUse: Bool {
    sent.taken > 0 || received.hasEnded || isQuitting || policy.directions == .sendOnly
  }

  /// Whether the output must be closed, so that its reader sees the end; not after the stream was cut off.
  package var isOutputCloseDue: Bool {
    received.isDone && !hasClosedOutput && !policy.leavesOutputOpen && policy.directions != .sendOnly
      && receiveFailure == nil && verdict == nil
  }

  /// Whether the peer, having ended its stream, could vanish unnoticed while the input is awaited.
  package var isProbingDue: Bool { awaitsInputOnly && !isProbing }

  /// Whether nothing is awaited from the peer, so that only an error can report that it is gone.
  package var awaitsInputOnly: Bool { received.hasEnded && mayTakeInput && !policy.quitsOnPeerEnd }

  /// Whether the relay ends if the reader of the output closes it.
  package var endsWithReader: Bool {
    policy.endsWithReader && sent.hasEnded && !received.hasEnded && received.pending == 0
  }

  /// Whether the wait for an unused input begins: all received bytes have been written.
  package var isInputWaitDue: Bool { awaitsUnusedInput && unusedInputEnd == nil }

  private var awaitsUnusedInput: Bool {
    policy.inputWait != nil && policy.directions != .receiveOnly && received.isDone && received.taken > 0
      && sent.isOpen && sent.taken == 0
  }

  /// Whether only the acknowledgement of the sent bytes by the peer's system is awaited.
  package var isDeliveryDue: Bool {
    guard isSendingOver, policy.directions != .receiveOnly, !isDelivered else { return false }
    return policy.directions == .sendOnly || received.isDone || isQuitting
  }

  /// The number of bytes that need not be acknowledged: the half-close counts as one, and a peer that has closed may
  /// never acknowledge it. A peer that may still be sending could be reset before it has read the half-close.
  package var unconfirmedAllowance: Int { hasHalfClosed && received.hasEnded ? 1 : 0 }

  private var isSendingOver: Bool {
    sent.failure == nil && sent.isDone
      && (hasHalfClosed || !policy.halfCloses || policy.directions == .receiveOnly)
  }

  // MARK: Outcome

  /// How to close the connection: in order if everything that was to be sent was sent; `nil` to leave it as it is, which
  /// is a reset until the half-close.
  ///
  /// - Parameter hasInput: Whether the input has bytes that were not read.
  package func closeRule(hasInput: Bool) -> CloseRule? {
    if isResetDue { return .abort }
    guard outcome == .finished else { return nil }
    return (sent.hasEnded ? sent.pending == 0 : sent.taken == 0 && !hasInput) ? .orderly : nil
  }

  /// The outcome, or `nil` while the relay continues.
  package var outcome: Outcome? {
    if let verdict { return verdict }
    guard received.pending == 0 else { return nil }
    if let receiveFailure { return .failed(receiveFailure) }
    if policy.quitsOnPeerEnd, received.hasEnded { return .finished }
    if let failure = sent.failure { return received.hasEnded ? .failed(failure) : nil }
    guard isSendingOver else { return nil }
    switch policy.directions {
    case .receiveOnly: return received.hasEnded || isQuitting ? .finished : nil
    case .sendOnly: return isDelivered ? .finished : nil
    case .both: return isDelivered && (received.hasEnded || isQuitting) ? .finished : nil
    }
  }
}
