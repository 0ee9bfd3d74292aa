// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import SystemPackage
package import Transport

/// The rules of a relay as a value without any I/O: told what happened, it says what may be done next, what
/// is due, and whether it is over and how.
///
/// "Input" goes to the peer, "output" comes from it.
package struct RelayRules: Equatable, Sendable {
  /// How a relay ended.
  package enum Outcome: Equatable, Sendable {
    /// Everything read was handed over, and the connection ended in order.
    case finished
    /// A stream or the connection broke.
    case failed(SystemError)
    /// No byte moved either way for as long as was allowed.
    case idle
    /// It took longer altogether than was allowed.
    case late
    /// A signal asked for the end.
    case interrupted(by: CInt)
  }

  /// From the input to the peer.
  package private(set) var sent = TransferCounters()
  /// From the peer to the output.
  package private(set) var received = TransferCounters()
  /// When to stop waiting for the peer, once the input has ended.
  package private(set) var quitDeadline = Deadline.never
  /// When to stop waiting for an input that has never brought a byte, once the peer has ended.
  package var inputWaitEnd: Deadline { awaitsUnusedInput ? unusedInputEnd ?? .never : .never }

  /// Whether the peer is to see a reset though the connection is half-closed: an end in order would have it take what it
  /// was sent for all there is, or what it has sent for written.
  package private(set) var isResetDue = false

  private let policy: RelayPolicy
  private var hasHalfClosed = false
  private var hasClosedOutput = false
  private var isProbing = false
  private var isQuitting = false
  private var isDelivered = false
  private var isAnsweringOver = false
  private var receiveFailure: SystemError?
  private var verdict: Outcome?
  private var unusedInputEnd: Deadline?

  /// Creates the rules of a relay that is about to begin.
  package init(_ policy: RelayPolicy) {
    self.policy = policy
    if policy.directions == .receiveOnly { sent.end() }
  }

  // MARK: What happened

  /// Bytes were taken from the input.
  package mutating func didTakeInput(_ count: Int) { sent.take(count) }
  /// So many bytes beside those of the input are to be sent: answers, and ends of a conversion.
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
  /// The time to wait for the peer after the end of input is over.
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
  package mutating func peerEnded() {
    received.end()
    if policy.isInputTerminal { sent.end() }
  }

  /// Receiving failed: a reset, or a peer that probes did not find.
  package mutating func receivingFailed(_ error: SystemError) {
    received.end()
    receiveFailure = error
  }

  /// What moved could not be recorded: nothing more is to move but what arrived.
  package mutating func recordingFailed(_ error: SystemError) {
    sent.fail(error)
    receivingFailed(error)
    isResetDue = true
  }

  /// The input could not be read, or the output not be written.
  package mutating func localStreamFailed(_ error: SystemError) {
    // Whoever read the output and has gone wanted no more.
    if error.code != .brokenPipe { isResetDue = true }
    stop(.failed(error))
  }

  /// Sending failed: what has arrived is still to be written out, unless the failure is none of the connection.
  package mutating func sendingFailed(_ error: SystemError) {
    sent.fail(error)
    if !error.code.endsConnection { stop(.failed(error)) }
  }

  /// Sending failed when nothing of the input was to be sent, only what answers the peer.
  package mutating func answeringFailed(_ error: SystemError) {
    isAnsweringOver = true
    sent.owe(0)
    if !error.code.endsConnection { stop(.failed(error)) }
  }

  /// Counts the time that an input is awaited that has never brought a byte.
  package mutating func beginInputWait(at now: Deadline) {
    if let inputWait = policy.inputWait { unusedInputEnd = now + inputWait }
  }

  /// After its end of stream the peer turned out to be gone altogether.
  ///
  /// - Parameters:
  ///   - unacknowledged: What it had not confirmed by then, in bytes.
  ///   - hasInput: Whether the input has bytes that were to be sent.
  package mutating func peerVanished(_ error: SystemError, unacknowledged: Int, hasInput: Bool) {
    // A Unix socket says by a reset that the peer left bytes unread.
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

  /// Something ended the relay from outside: a time-out or a signal.
  package mutating func stop(_ outcome: Outcome) { verdict = verdict ?? outcome }

  // MARK: What may be done

  /// Whether the input may be read.
  package var mayTakeInput: Bool { sent.isOpen }
  /// Whether the connection may be read.
  package var mayReceive: Bool { !received.hasEnded && !(isQuitting && isDelivered) }
  /// Whether bytes taken from the input may still be sent.
  package var maySend: Bool { sent.failure == nil && (sent.pending > 0 || sent.owed > 0) }
  /// Whether it makes sense to answer the peer beside what is sent.
  package var mayAnswer: Bool {
    sent.failure == nil && !hasHalfClosed && !isAnsweringOver && !received.hasEnded
  }

  // MARK: What is due

  /// Whether the connection is to be half-closed.
  package var isHalfCloseDue: Bool {
    policy.directions != .receiveOnly && policy.halfCloses && sent.isDone && sent.failure == nil
      && !hasHalfClosed
  }

  /// Whether the output is to be closed, so that whoever reads it sees its end; not of what was broken off.
  package var isOutputCloseDue: Bool {
    received.isDone && !hasClosedOutput && !policy.isOutputTerminal && policy.directions != .sendOnly
      && receiveFailure == nil && verdict == nil
  }

  /// Whether the peer, having stopped sending, could vanish unnoticed while input is awaited.
  package var isProbingDue: Bool { awaitsInputOnly && !isProbing }

  /// Whether nothing is awaited from the peer, so that only an error can tell that it is gone.
  package var awaitsInputOnly: Bool { received.hasEnded && mayTakeInput && !policy.quitsOnPeerEnd }

  /// Whether the time that an unused input is awaited begins: all that was received is written out.
  package var isInputWaitDue: Bool { awaitsUnusedInput && unusedInputEnd == nil }

  private var awaitsUnusedInput: Bool {
    policy.inputWait != nil && policy.directions != .receiveOnly && received.isDone && received.taken > 0
      && sent.isOpen && sent.taken == 0
  }

  /// Whether the end waits for nothing but the peer's system to acknowledge what was sent.
  package var isDeliveryDue: Bool {
    guard isSendingOver, policy.directions != .receiveOnly, !isDelivered else { return false }
    return policy.directions == .sendOnly || received.isDone || isQuitting
  }

  /// How many bytes need not be acknowledged: the half-close counts as one, and a peer that has closed may never
  /// acknowledge it. A peer that may still be sending could be reset before it has seen it.
  package var unconfirmedAllowance: Int { hasHalfClosed && received.hasEnded ? 1 : 0 }

  private var isSendingOver: Bool {
    sent.failure == nil && sent.isDone
      && (hasHalfClosed || !policy.halfCloses || policy.directions == .receiveOnly)
  }

  // MARK: Whether it is over

  /// Whether the connection may end in order when it is closed: everything that was to be sent was sent.
  ///
  /// - Parameter hasInput: Whether the input has bytes that were not read.
  package func mayCloseInOrder(hasInput: Bool) -> Bool {
    guard outcome == .finished, !isResetDue else { return false }
    return sent.hasEnded ? sent.pending == 0 : sent.taken == 0 && !hasInput
  }

  /// How it ended, or `nil` while it goes on.
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
