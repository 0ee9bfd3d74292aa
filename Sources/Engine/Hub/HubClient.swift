// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets
import SystemPackage
import Transport

/// One client of a hub: its connection, what it has still to be sent, and when it is done.
///
/// It does the sending and the receiving, never waits, and knows nobody else.
final class HubClient: ListMember {
  /// What becomes of what the client sends.
  enum Sink {
    /// It goes to standard output as it is: there is no other client.
    case output
    /// Its lines go to standard output.
    case lines(LineInterleaver.Contribution)
    /// Its lines go to the others.
    case chat(ChatLines)
    /// It goes to a file.
    case file(ConnectionFile)
    /// It goes to the others as it is.
    case others
    /// It goes nowhere.
    case nobody
  }

  /// The connection.
  let socket: any ByteStream
  /// Which connection it is, counted from 1.
  let number: Int
  private let began: Deadline
  /// What becomes of what it sends.
  var sink: Sink
  /// What it is sent.
  let sending: HubSending
  private var received = TransferCounters()
  /// What came over the connection, before filters took anything out, in bytes.
  private var receivedFromSocket = 0
  private var lastReceipt: Deadline
  /// When its system last took what was sent to it, as far as that was asked for.
  private var lastDelivery: Deadline
  /// Whether nothing will be added to what it has to be sent.
  private(set) var isSupplied = false
  /// Whether there was more than it was sent.
  private var isCutShort = false
  /// When it is let go though it has not finished.
  private var quitDeadline = Deadline.never
  /// When it stopped sending; `nil` while it may send.
  private(set) var finishedAt: Deadline?
  private var receiveFailure: SystemError?
  private var isQuitting = false
  private var hasHalfClosed = false
  /// Whether the half-close has to be tried again once the connection is ready for it.
  private(set) var isFinishing = false
  private var isProbed = false
  /// When an input that has never brought a byte is awaited no more; `never` while that is not counted.
  private(set) var inputWaitEnd = Deadline.never
  /// The file that answers the client once something was received from it.
  private var answer: ReplyFile?
  private var delivery = DeliveryCheck()

  /// Whether the connection is known to be gone in both directions.
  var hasHungUp = false
  /// Where it is among the clients of the hub; `nil` before it was added, and once it was removed.
  var index: Int?
  /// What the hub watches of it.
  var registration: Registration?
  /// Whether the hub has to look at what became of it.
  var isMarked = false
  /// Whether it takes up room, which a new client would need.
  var takesRoom = true
  /// Whether it is counted among those who are full.
  var isCountedFull = false
  /// When what it has begun to say in a chat is passed on though no newline has come.
  var lineDeadline = Deadline.never
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
  /// - Parameters:
  ///   - greeting: What it is sent at once.
  ///   - reply: What it is answered, where that is a file.
  ///   - filters: What is done to the bytes.
  ///   - recording: What is kept of them; `nil` for nothing.
  init(
    _ socket: consuming StreamSocket, number: Int, sink: Sink, greeting: [UInt8], reply: ReplyFile?,
    filters: TrafficFilters, recording: Recording?, _ settings: HubSettings
  ) {
    self.socket = settings.makeStream(socket, 0)
    sending = HubSending(to: self.socket, through: filters, recording)
    answer = reply
    self.number = number
    self.sink = sink
    self.settings = settings
    began = .now
    lastReceipt = began
    lastDelivery = began
    sending.give(greeting)
    if case .nothing = settings.supply { isSupplied = true }
  }

  // MARK: Sending

  /// Whether it is sent what comes.
  var isOpen: Bool { !isSupplied && sending.flow.failure == nil }

  /// Nothing is added to what it has to be sent from here on.
  func supplyEnded(at now: Deadline) {
    guard !isSupplied else { return }
    isSupplied = true
    sending.end()
    if let quitAfter = settings.quitAfter { quitDeadline = now + quitAfter }
  }

  /// Gives what answers the client, once: something was received from it, or it has ended.
  private func giveAnswer() {
    guard !isSupplied else { return }
    switch settings.supply {
    case .input, .nothing: return
    case .text(let bytes): sending.give(bytes)
    case .file: if let file = answer.take() { sending.give(file) }
    }
    supplyEnded(at: .now)
  }

  /// Whether nothing but standard input may come to be sent to it, while all that it has sent was received.
  private var awaitsInputOnly: Bool { finishedAt != nil && received.taken > 0 && isOpen }

  /// Counts the time for which an input is awaited that has never brought a byte.
  func limitInputWait(to wait: Duration, from now: Deadline) {
    if awaitsInputOnly, inputWaitEnd == .never { inputWaitEnd = now + wait }
  }

  /// The input has brought a byte, or is awaited for some more time.
  func extendInputWait(until end: Deadline) { inputWaitEnd = end }

  /// Nothing is added to what it has to be sent, though that is not all there is: it must not see an orderly end.
  func cutSupply(at now: Deadline) {
    guard !isSupplied else { return }
    isCutShort = sending.flow.taken > 0
    supplyEnded(at: now)
  }

  // MARK: Receiving

  /// Whether it may still send something.
  var mayReceive: Bool { finishedAt == nil }

  /// Whether what it sends is received now.
  var isHeard: Bool { mayReceive && sending.mayReceive }

  /// Receives what is there.
  ///
  /// - Returns: How many bytes of payload came; `nil` if nothing did, or nothing will.
  func receive(_ scratch: inout [UInt8]) -> Int? {
    do {
      var buffer = scratch.mutableSpan
      switch try socket.read(into: &buffer) {
      case .moved(let number):
        let count = sending.filter(number, of: &buffer)
        received.take(count)
        received.pass(count)
        receivedFromSocket += number
        lastReceipt = .now
        if count > 0 { giveAnswer() }
        return count
      case .endOfStream:
        finishedAt = .now
        if let code = socket.errorBehindEnd(received: receivedFromSocket) {
          receiveFailure = socket.readError(code)
        }
        giveAnswer()
      case .wouldBlock: break
      }
    } catch {
      finishedAt = .now
      socket.didFail(error.code)
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
    if let failure = sending.flow.failure, !failure.code.endsConnection { return .troubled(.broken(failure)) }
    if let supplyFailure = sending.supplyFailure { return .troubled(.replyUnreadable(supplyFailure)) }
    if finishedAt != nil {
      if settings.quitsOnPeerEnd { return .orderly }
      if let failure = sending.flow.failure {
        return !sending.isComplete ? .troubled(.broken(failure)) : .orderly
      }
      if endsWithClient { supplyEnded(at: now) }
      if hasHungUp, !hasHalfClosed { return vanished() }
    }
    do { return try settleSending(at: now) } catch { return .troubled(.broken(error)) }
  }

  private func settleSending(at now: Deadline) throws(SystemError) -> Conclusion? {
    guard sending.flow.failure == nil, !sending.hasPending else { return nil }
    guard isSupplied else {
      if finishedAt != nil, !isProbed {
        try socket.probePeer()
        isProbed = true
      }
      return nil
    }
    if isHalfCloseDue {
      isFinishing = try socket.finish() == .wouldBlock
      guard !isFinishing else { return nil }
      hasHalfClosed = true
      sending.didHalfClose()
    }
    // A client that only receives is not kept waiting for the reset.
    let isLeaving =
      finishedAt != nil || settings.isSendOnly || isQuitting || isCutShort && received.taken == 0
    guard isLeaving else { return nil }
    // The half-close of a client that may still be sending has to arrive: it could be reset before it has seen it.
    let isDelivered = try delivery.isDelivered(
      over: socket, payloadEnd: sending.payloadEnd, allowance: hasHalfClosed && finishedAt != nil ? 1 : 0,
      at: now)
    return isDelivered ? isCutShort ? .troubled(.graceExpired) : .orderly : nil
  }

  private var isHalfCloseDue: Bool {
    guard !hasHalfClosed, settings.halfCloses, !isCutShort else { return false }
    if case .nothing = settings.supply { return false }
    return true
  }

  /// After its end of stream the client turned out to be gone altogether.
  private func vanished() -> Conclusion {
    // A reset has emptied the send buffer, so that only what was confirmed tells what was not.
    let unconfirmed =
      socket.acknowledgedBytes().map { max(0, (sending.payloadEnd ?? sending.flow.passed) - $0) } ?? 0
    let code = try? socket.takeError()
    guard !sending.isComplete || unconfirmed > 0 || code == .connectionReset else { return .orderly }
    return .troubled(.broken(socket.writeError(code ?? .brokenPipe)))
  }

  private var lastMove: Deadline {
    max(lastReceipt, max(lastDelivery, sending.pauseEnd ?? sending.lastMove))
  }

  /// When something has to have happened, or has to be looked at.
  var deadline: Deadline {
    let idle = settings.limits.idle.map { lastMove + $0 } ?? .never
    return min(
      sending.pauseEnd ?? .never, idle, isSupplied && !sending.hasPending ? quitDeadline : .never,
      delivery.next, nextStallLook, lineDeadline, isSupplied ? .never : inputWaitEnd)
  }

  /// Whether neither it nor anybody else has sent anything for as long as is allowed.
  func isIdle(at now: Deadline) -> Bool {
    guard let idle = settings.limits.idle, lastMove + idle <= now else { return false }
    // It may be taking what was sent before that.
    if let delivery = socket.lastDelivery(at: now) { lastDelivery = delivery }
    return lastMove + idle <= now
  }

  /// Nothing was received because there was no room for it, which is not counted as idle time.
  func wasHeldUp(at now: Deadline) { lastReceipt = now }

  /// Takes note of what is due by now.
  func look(at now: Deadline) {
    sending.resume(at: now)
    if isSupplied, !sending.hasPending, quitDeadline <= now {
      isQuitting = true
      quitDeadline = .never
    }
    delivery.noteTime(now)
  }

  /// Whether closing the connection may end it in order: the client was sent all there was for it, and all that it has
  /// sent was received. What others send is never a part of something whole.
  var mayCloseInOrder: Bool {
    sending.isComplete && (isSupplied || sending.flow.taken == 0 || settings.isBroker)
      && (finishedAt != nil || isQuitting || settings.isSendOnly)
  }

  /// Makes closing end the connection in order, if it may end so.
  ///
  /// - Returns: Whether it can be closed now; otherwise the end has still to be passed on.
  func isClosedInOrder() -> Bool {
    if mayCloseInOrder { isFinishing = (try? socket.allowOrderlyClose()) == .wouldBlock }
    return !isFinishing
  }

  /// Whether it is there for nothing but what may come to be sent to it.
  var awaitsSupplyOnly: Bool { finishedAt != nil && isOpen && !sending.hasPending }

  /// What became of it.
  func ending(_ problem: HubEnding.Problem?) -> HubEnding {
    HubEnding(
      peer: socket.remote,
      report: Relay.Report(
        outcome: .finished, sent: sending.flow, received: received, duration: began.duration(until: .now)),
      problem: problem, tcp: TCPInformation(of: socket.number))
  }
}
