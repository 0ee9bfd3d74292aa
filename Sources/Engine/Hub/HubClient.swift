// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets
import SystemPackage
import Transport

/// One client of a hub: its connection, the bytes still to be sent to it, and its end.
///
/// It sends and receives, never waits, and is independent of other clients.
final class HubClient: ListMember {
  /// The destination of the client's bytes.
  enum Sink {
    /// Standard output, unchanged.
    case output
    /// Standard output, line by line.
    case lines(LineInterleaver.Contribution)
    /// The other clients, line by line.
    case chat(ChatLines)
    /// It goes to a file.
    case file(ConnectionFile)
    /// The other clients, unchanged.
    case others
    /// The bytes are discarded.
    case discarded
  }

  /// The connection.
  let socket: any ByteStream
  /// The number of the connection, counted from 1.
  let number: Int
  /// The client as a member of a chat.
  var member: ChatStyle.Member {
    ChatStyle.Member(peer: socket.remote, number: number, descriptor: socket.descriptor)
  }

  private let began: Deadline
  /// The destination of the client's bytes.
  var sink: Sink
  /// The bytes sent to the client.
  let sending: HubSending
  private var received = TransferCounters()
  /// The number of bytes received over the connection, before filters removed any.
  private var receivedFromSocket = 0
  private var lastReceipt: Deadline
  /// The latest time at which its system is known to have accepted sent bytes.
  private var lastDelivery: Deadline
  /// Whether nothing more will be added to the bytes to send.
  private(set) var isSupplied = false
  /// Whether the client was not sent everything.
  private var isCutShort = false
  /// The time at which it is removed although it has not finished.
  private var quitDeadline = Deadline.never
  /// The time at which it stopped sending; `nil` while it may send.
  private(set) var finishedAt: Deadline?
  private var receiveFailure: IOFailure?
  private var isQuitting = false
  private var hasHalfClosed = false
  /// Whether the half-close must be tried again once the connection is ready for it.
  private(set) var isFinishing = false
  private var isProbed = false
  /// When to stop waiting for an input that has never had a byte; `never` while that time is not running.
  private(set) var inputWaitEnd = Deadline.never
  /// The file that is sent in reply to the first bytes received from the client.
  private var answer: ReplyFile?
  private var delivery = DeliveryCheck()

  /// Whether the connection is known to be closed in both directions.
  var hasHungUp = false
  /// The index among the clients of the hub; `nil` before it is added, and once it is removed.
  var index: Int?
  /// The registration of the socket.
  var registration: Registration?
  /// Whether the hub must handle a change of its state.
  var isMarked = false
  /// Whether it counts against the limit of connections.
  var takesRoom = true
  /// Whether it is counted among the full clients.
  var isCountedFull = false
  /// When a started line of a chat is passed on without a newline.
  var lineDeadline = Deadline.never
  /// When to check whether it delays others.
  var nextStallLook = Deadline.never

  private let settings: HubSettings

  /// How serving a client ended.
  enum Conclusion: Equatable {
    /// Everything was passed on, and the connection ends in order.
    case orderly
    /// The connection ended with a problem.
    case troubled(HubEnding.Problem)
  }

  /// Starts to serve a client.
  ///
  /// - Parameters:
  ///   - greeting: The bytes that it is sent at once.
  ///   - reply: The reply to it, if that is a file.
  ///   - filters: The filters that the bytes pass through.
  ///   - recording: The recording of the bytes; `nil` for none.
  init(
    _ socket: any ByteStream, number: Int, sink: Sink, greeting: [UInt8], reply: ReplyFile?,
    filters: TrafficFilters, recording: Recording?, _ settings: HubSettings
  ) {
    self.socket = socket
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

  /// Whether the input is sent to it.
  var isOpen: Bool { !isSupplied && sending.flow.failure == nil }

  /// Ends the supply: nothing more is added to the bytes to send.
  func supplyEnded(at now: Deadline) {
    guard !isSupplied else { return }
    isSupplied = true
    sending.end()
    if let quitAfter = settings.quitAfter { quitDeadline = now + quitAfter }
  }

  /// Queues the reply to the client, once: bytes were received from it, or it has ended.
  private func giveAnswer() {
    guard !isSupplied else { return }
    switch settings.supply {
    case .input, .nothing: return
    case .text(let bytes): sending.give(bytes)
    case .file: if let file = answer.take() { sending.give(file) }
    }
    supplyEnded(at: .now)
  }

  /// Whether only standard input may still be sent to it, and all its bytes have been received.
  private var awaitsInputOnly: Bool { finishedAt != nil && received.taken > 0 && isOpen }

  /// Starts the time to wait for an input that has never had a byte.
  func limitInputWait(to wait: Duration, from now: Deadline) {
    if awaitsInputOnly, inputWaitEnd == .never { inputWaitEnd = now + wait }
  }

  /// Sets a new end of that time: the input has had a byte, or is awaited longer.
  func extendInputWait(until end: Deadline) { inputWaitEnd = end }

  /// Ends the supply although it is incomplete: the client must not see an orderly end.
  func cutSupply(at now: Deadline) {
    guard !isSupplied else { return }
    isCutShort = sending.flow.taken > 0
    supplyEnded(at: now)
  }

  // MARK: Receiving

  /// Whether the client may still send.
  var mayReceive: Bool { finishedAt == nil }

  /// Whether bytes are received from it now.
  var isHeard: Bool { mayReceive && sending.mayReceive }

  /// Receives available bytes.
  ///
  /// - Returns: The number of payload bytes; `nil` if there are none now, or none any more.
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
        if let reason = socket.errorBehindEnd(received: receivedFromSocket) {
          receiveFailure = socket.readError(reason)
        }
        giveAnswer()
      case .wouldBlock: break
      }
    } catch {
      finishedAt = .now
      socket.didFail(error.reason)
      receiveFailure = error
    }
    return nil
  }

  // MARK: Ending

  /// Does the work that is due between transfers.
  ///
  /// - Parameter endsWithClient: Whether nothing more is sent to a client that has stopped sending.
  /// - Returns: How the connection ended, or `nil` while it continues.
  func settle(endsWithClient: Bool, at now: Deadline) -> Conclusion? {
    if let receiveFailure { return .troubled(.broken(receiveFailure)) }
    if let failure = sending.flow.failure, !failure.endsConnection { return .troubled(.broken(failure)) }
    if let supplyFailure = sending.supplyFailure { return .troubled(.replyUnreadable(supplyFailure)) }
    if finishedAt != nil {
      if settings.quitsOnPeerEnd { return .orderly }
      if let failure = sending.flow.failure {
        return !sending.isComplete ? .troubled(.broken(failure)) : .orderly
      }
      if endsWithClient { supplyEnded(at: now) }
      if hasHungUp || !socket.hasHalfClose, !hasHalfClosed { return vanished() }
    }
    do { return try settleSending(at: now) } catch { return .troubled(.broken(error)) }
  }

  private func settleSending(at now: Deadline) throws(IOFailure) -> Conclusion? {
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
    // A client that only receives does not have to wait for the reset.
    let isLeaving =
      finishedAt != nil || settings.isSendOnly || isQuitting || isCutShort && received.taken == 0
    guard isLeaving else { return nil }
    // The half-close to a client that may still be sending must be acknowledged: otherwise the client could be reset
    // before it has read it.
    let isDelivered = try delivery.isDelivered(
      over: socket, payloadEnd: sending.payloadEnd, allowance: hasHalfClosed && finishedAt != nil ? 1 : 0,
      at: now)
    return isDelivered ? isCutShort ? .troubled(.graceExpired) : .orderly : nil
  }

  private var isHalfCloseDue: Bool {
    guard !hasHalfClosed, settings.halfCloses, !isCutShort else { return false }
    // Where the end is that of both directions, an input that is merely unused must not cut the client off.
    guard socket.hasHalfClose || sending.flow.taken > 0 || finishedAt != nil || isQuitting else {
      return false
    }
    if case .nothing = settings.supply { return false }
    return true
  }

  /// After its end-of-stream the client turned out to have closed the connection entirely.
  private func vanished() -> Conclusion {
    // A reset has emptied the send buffer, so the unsent bytes follow from the acknowledged ones only.
    let unconfirmed =
      socket.acknowledgedBytes().map { max(0, (sending.payloadEnd ?? sending.flow.passed) - $0) } ?? 0
    let reason = try? socket.takeError()
    guard !sending.isComplete || unconfirmed > 0 || reason == .errno(.connectionReset) else {
      return .orderly
    }
    return .troubled(.broken(socket.writeError(reason ?? .errno(.brokenPipe))))
  }

  private var lastMove: Deadline {
    max(lastReceipt, max(lastDelivery, sending.pauseEnd ?? sending.lastMove))
  }

  /// The time of the next event or check.
  var deadline: Deadline {
    let idle = settings.limits.idle.map { lastMove + $0 } ?? .never
    return min(
      sending.pauseEnd ?? .never, idle, isSupplied && !sending.hasPending ? quitDeadline : .never,
      delivery.next, nextStallLook, lineDeadline, isSupplied ? .never : inputWaitEnd)
  }

  /// Whether neither side has sent anything within the idle time.
  func isIdle(at now: Deadline) -> Bool {
    guard let idle = settings.limits.idle, lastMove + idle <= now else { return false }
    // The client may still be receiving bytes sent before that.
    if let delivery = socket.lastDelivery(at: now) { lastDelivery = delivery }
    return lastMove + idle <= now
  }

  /// Notes that nothing was received for lack of room, which does not count as idle time.
  func wasHeldUp(at now: Deadline) { lastReceipt = now }

  /// Handles the deadlines that have passed.
  func look(at now: Deadline) {
    sending.resume(at: now)
    if isSupplied, !sending.hasPending, quitDeadline <= now {
      isQuitting = true
      quitDeadline = .never
    }
    delivery.noteTime(now)
  }

  /// Whether closing may end the connection in order: the client was sent everything, and all its bytes were received.
  /// Bytes from other clients are never part of something that must be complete.
  var mayCloseInOrder: Bool {
    sending.isComplete && (isSupplied || sending.flow.taken == 0 || settings.isBroker)
      && (finishedAt != nil || isQuitting || settings.isSendOnly)
  }

  /// Makes closing end the connection in order, if that is allowed.
  ///
  /// - Returns: Whether it can be closed now; otherwise the end has still to be passed on.
  func isClosedInOrder() -> Bool {
    if mayCloseInOrder { isFinishing = (try? socket.setCloseRule(.orderly)) == .wouldBlock }
    return !isFinishing
  }

  /// Whether it only waits for bytes that may still be sent to it.
  var awaitsSupplyOnly: Bool { finishedAt != nil && isOpen && !sending.hasPending }

  /// The report of its end.
  func ending(_ problem: HubEnding.Problem?) -> HubEnding {
    HubEnding(
      peer: socket.remote,
      report: Relay.Report(
        outcome: .finished, sent: sending.flow, received: received, duration: began.duration(until: .now)),
      problem: problem, tcp: TCPInformation(of: socket.descriptor), end: socket.end)
  }
}
