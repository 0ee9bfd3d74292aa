// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// One client of a hub: its connection, what it has still to be sent, and when it is done.
///
/// It does the sending and the receiving, never waits, and knows nobody else.
final class HubClient {
  /// What becomes of what the client sends.
  enum Sink {
    case lines(LineMerger.Contribution)
    case chat(ChatLines)
    case file(ConnectionFile)
    case others
    case nobody
  }

  let socket: SocketEnd
  /// Which connection it is, counted from 1.
  let number: Int
  let began: Deadline
  var sink: Sink
  private(set) var sent = Flow()
  private(set) var received = Flow()
  private(set) var lastMove: Deadline
  /// When bytes were last taken from what it has to be sent, or there was nothing to take.
  private(set) var lastProgress: Deadline
  private(set) var outbox = Outbox()
  private var reply: ReplyFile?

  /// Whether nothing will be added to what it has to be sent.
  private(set) var isSupplied = false
  /// When it is let go though it has not finished.
  private var quitDeadline = Deadline.never
  /// Whether it stopped sending, and when.
  private(set) var finishedAt: Deadline?
  private(set) var receiveFailure: SystemError?
  private(set) var supplyFailure: SystemError?
  private var isReplyCut = false
  private var isQuitting = false
  private var hasHalfClosed = false
  private var isProbed = false
  private var nextDeliveryCheck = Deadline.never
  private var deliveryPause = Duration.milliseconds(1)

  /// Whether the connection is known to be gone in both directions.
  var hasHungUp = false
  /// What the hub waits for on the socket; `nil` while it does not watch it.
  var interest: Readiness?
  /// Whether the hub has to look at what became of it.
  var isMarked = false
  /// Whether it takes up room, which a new client would need.
  var takesRoom = true
  /// Whether it is counted among those who are full.
  var isCountedFull = false
  /// When to look whether it holds others up.
  var nextStallLook = Deadline.never

  private let settings: HubSettings

  /// How serving a client ended.
  enum Conclusion: Equatable {
    /// All was handed over, and the connection ended in order.
    case orderly
    /// It did not come to that.
    case troubled(HubEnding.Problem)
  }

  /// Begins to serve a client.
  ///
  /// - Parameter reply: What it is sent, where that is a file.
  init(_ socket: consuming StreamSocket, number: Int, sink: Sink, reply: ReplyFile?, _ settings: HubSettings)
  {
    self.socket = SocketEnd(socket)
    self.number = number
    self.sink = sink
    self.reply = reply
    self.settings = settings
    began = .now
    lastMove = began
    lastProgress = began
    switch settings.supply {
    case .input: break
    case .nothing: isSupplied = true
    case .text(let bytes):
      give(bytes)
      supplyEnded(at: began)
    case .file: supplyEnded(at: began)
    }
  }

  // MARK: Sending

  /// Whether something has still to be sent.
  var hasPending: Bool { sent.failure == nil && (!outbox.isEmpty || reply != nil) }
  /// Whether it is sent what comes.
  var isOpen: Bool { !isSupplied && sent.failure == nil }
  /// Whether nothing should be added to what it has to be sent.
  var isFull: Bool { sent.failure == nil && outbox.isFull }

  /// Puts bytes in line for it.
  ///
  /// - Parameter start: Where in them to begin.
  func give(_ bytes: [UInt8], from start: Int = 0) {
    if outbox.isEmpty { lastProgress = .now }
    sent.take(bytes.count - start)
    outbox.append(bytes, from: start)
  }

  /// Sends bytes at once, as far as they go.
  ///
  /// - Returns: How many bytes were sent; 0 if others wait in front of them.
  func sendNow(_ bytes: Span<UInt8>) -> Int {
    guard outbox.isEmpty, reply == nil, sent.failure == nil else { return 0 }
    do {
      guard case .moved(let count) = try socket.write(bytes) else { return 0 }
      sent.take(count)
      didSend(count)
      return count
    } catch {
      sent.fail(error)
      return 0
    }
  }

  /// Sends as much as fits of what is there.
  func send(_ scratch: inout [UInt8]) {
    do {
      while try sendPart(&scratch) {}
    } catch {
      sent.fail(error)
      outbox.removeAll()
      isReplyCut = reply != nil
      reply = nil
    }
  }

  /// - Returns: Whether more fits.
  private func sendPart(_ scratch: inout [UInt8]) throws(SystemError) -> Bool {
    guard sent.failure == nil else { return false }
    if !outbox.isEmpty {
      return try outbox.offer { (bytes) throws(SystemError) in
        guard case .moved(let count) = try socket.write(bytes) else { return 0 }
        didSend(count)
        return count
      }
    }
    guard let reply else { return false }
    do {
      switch try reply.send(to: socket, &scratch) {
      case .sent(let count):
        sent.take(count)
        didSend(count)
        return true
      case .read(let bytes):
        give(bytes)
        return true
      case .wouldBlock: return false
      case .end: self.reply = nil
      }
    } catch {
      switch error {
      case .sink(let error), .recording(let error): throw error
      case .source(let error):
        supplyFailure = error
        self.reply = nil
      }
    }
    return false
  }

  private func didSend(_ count: Int) {
    sent.pass(count)
    lastMove = .now
    lastProgress = lastMove
  }

  /// Nothing is added to what it has to be sent from here on.
  func supplyEnded(at now: Deadline) {
    guard !isSupplied else { return }
    isSupplied = true
    if let quitAfter = settings.quitAfter { quitDeadline = now + quitAfter }
  }

  /// Whether it was sent everything that was there for it, as far as the system says at once.
  var wasSentEverything: Bool { sent.pending == 0 && !isReplyCut && reply == nil }

  // MARK: Receiving

  /// Whether it may still send something.
  var mayReceive: Bool { finishedAt == nil }

  /// Receives what is there.
  ///
  /// - Returns: How many bytes came; `nil` if none did, or none will.
  func receive(_ scratch: inout [UInt8]) -> Int? {
    do {
      var buffer = scratch.mutableSpan
      switch try socket.read(into: &buffer) {
      case .moved(let count):
        received.take(count)
        received.pass(count)
        lastMove = .now
        return count
      case .endOfStream: finishedAt = .now
      case .wouldBlock: break
      }
    } catch {
      finishedAt = .now
      receiveFailure = error
    }
    return nil
  }

  // MARK: The end

  /// Does what is due between the moves.
  ///
  /// - Parameter endsWithClient: Whether a client that stops sending is sent nothing more that comes.
  /// - Returns: How it ended, or `nil` while it goes on.
  func settle(endsWithClient: Bool, at now: Deadline) -> Conclusion? {
    if let receiveFailure { return .troubled(.broken(receiveFailure)) }
    if let supplyFailure { return .troubled(.unsupplied(supplyFailure)) }
    if finishedAt != nil {
      if settings.quitsOnPeerEnd { return .orderly }
      if let failure = sent.failure {
        return sent.pending > 0 || isReplyCut ? .troubled(.broken(failure)) : .orderly
      }
      if endsWithClient { supplyEnded(at: now) }
      if hasHungUp, !hasHalfClosed { return vanished() }
    }
    do { return try settleSending(at: now) } catch { return .troubled(.broken(error)) }
  }

  private func settleSending(at now: Deadline) throws(SystemError) -> Conclusion? {
    guard sent.failure == nil, !hasPending else { return nil }
    guard isSupplied else {
      if finishedAt != nil, !isProbed {
        try socket.probePeer()
        isProbed = true
      }
      return nil
    }
    if isHalfCloseDue {
      try socket.finish()
      hasHalfClosed = true
    }
    let isLeaving = finishedAt != nil || settings.isSendOnly || isQuitting
    guard isLeaving else { return nil }
    return try hasDelivered(at: now) ? .orderly : nil
  }

  private var isHalfCloseDue: Bool {
    guard !hasHalfClosed, settings.halfCloses else { return false }
    if case .nothing = settings.supply { return false }
    return true
  }

  /// Nothing wakes a wait when the last byte is acknowledged, so it is asked for, less and less often.
  private func hasDelivered(at now: Deadline) throws(SystemError) -> Bool {
    if let code = try socket.takeError() { throw socket.writeError(code) }
    // A half-close counts as one byte; a client that may still be sending could be reset before it has seen it.
    guard try socket.unacknowledgedBytes() > (hasHalfClosed && finishedAt != nil ? 1 : 0) else { return true }
    nextDeliveryCheck = now + deliveryPause
    deliveryPause = min(deliveryPause * 2, .milliseconds(50))
    return false
  }

  /// After its end of stream the client turned out to be gone altogether.
  private func vanished() -> Conclusion {
    // A reset has emptied the send buffer, so that only what was confirmed tells what was not.
    let unconfirmed = socket.acknowledgedBytes().map { max(0, sent.passed - $0) } ?? 0
    let code = try? socket.takeError()
    guard sent.pending > 0 || unconfirmed > 0 || code == .connectionReset else { return .orderly }
    return .troubled(.broken(socket.writeError(code ?? .brokenPipe)))
  }

  /// When something has to have happened, or has to be looked at.
  var deadline: Deadline {
    let idle = settings.limits.idle.map { lastMove + $0 } ?? .never
    return min(idle, isSupplied && !hasPending ? quitDeadline : .never, nextDeliveryCheck, nextStallLook)
  }

  /// Whether neither it nor anybody else has sent anything for as long as is allowed.
  func isIdle(at now: Deadline) -> Bool { settings.limits.idle.map { lastMove + $0 <= now } ?? false }

  /// Takes note of what is due by now.
  func look(at now: Deadline) {
    if isSupplied, !hasPending, quitDeadline <= now {
      isQuitting = true
      quitDeadline = .never
    }
    if nextDeliveryCheck <= now { nextDeliveryCheck = .never }
  }

  /// Whether it is there for nothing but what may come to be sent to it.
  var awaitsSupplyOnly: Bool { finishedAt != nil && isOpen && outbox.isEmpty }

  /// What became of it.
  func ending(_ problem: HubEnding.Problem?) -> HubEnding {
    HubEnding(
      peer: socket.remote,
      report: Relay.Report(
        outcome: .finished, sent: sent, received: received, duration: began.duration(until: .now)),
      problem: problem, tcp: TCPInformation(of: socket.number))
  }
}
