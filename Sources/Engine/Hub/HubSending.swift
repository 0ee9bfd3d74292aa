// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage
import Transport

/// The path of bytes to one client of a hub: the bytes still to be sent, and the counters of the rest.
final class HubSending {
  private let socket: any ByteStream
  /// The counters of the bytes queued for the client and sent to it.
  private(set) var flow = TransferCounters()
  private var outbox = WriteQueue()
  private var reply: ReplyFile?
  private var isReplyCut = false
  private var copier: Copier?
  private var filters: SendingFilters?
  private var receivingFilters: ReceivingFilters?
  private var hasEnded = false
  /// The end of the pause of a filter; `nil` if bytes may be sent now.
  private(set) var pauseEnd: Deadline?
  /// The error of the recording, if any.
  private(set) var recordFailure: IOFailure?
  /// The error of the file to send, if any.
  private(set) var supplyFailure: IOFailure?
  /// The time at which the last byte was sent.
  private(set) var lastMove = Deadline.now
  private var lastTaking = Deadline.now

  /// - Parameters:
  ///   - filters: The filters that the bytes pass through.
  ///   - recording: The recording of the bytes; `nil` for none.
  init(to socket: any ByteStream, through filters: TrafficFilters, _ recording: Recording?) {
    self.socket = socket
    guard filters.areAny else { return }
    let control = ControlQueue()
    self.filters = SendingFilters(filters, recording, answering: control)
    receivingFilters = ReceivingFilters(filters, recording, answering: control)
  }

  /// Whether there are bytes to send.
  var hasPending: Bool {
    flow.failure == nil && (!outbox.isEmpty || reply != nil || filters?.isDue == true)
  }
  /// Whether nothing should be added to the bytes to send.
  var isFull: Bool { flow.failure == nil && outbox.isFull }

  /// Queues bytes for the client.
  ///
  /// - Parameter start: The index of the first byte to send.
  func give(_ bytes: [UInt8], from start: Int = 0) {
    guard start < bytes.count, flow.failure == nil else { return }
    if !hasPending { lastTaking = .now }
    flow.take(bytes.count - start)
    outbox.append(bytes, from: start)
  }

  /// Queues a file for the client, after the queued bytes; nothing may be queued after it.
  func give(_ file: ReplyFile) {
    reply = file
  }

  /// Ends the supply: nothing more is queued.
  func end() {
    hasEnded = true
    endFilters()
  }

  /// Sends the final bytes of a conversion once no payload can follow.
  private func endFilters() {
    if hasEnded, outbox.isEmpty, reply == nil { filters?.end() }
  }

  /// The connection was half-closed.
  func didHalfClose() { filters?.stopAnswering() }

  /// Resumes if a pause is over.
  func resume(at now: Deadline) {
    guard let pauseEnd, pauseEnd <= now else { return }
    self.pauseEnd = nil
    // The pause was requested, and does not count as idle time.
    lastMove = now
    lastTaking = now
  }

  /// The last time at which bytes were sent from the queue, or the queue was empty or held back.
  var lastProgress: Deadline { pauseEnd ?? lastTaking }

  /// Whether more may be received: its telnet requests must be answered.
  var mayReceive: Bool { receivingFilters?.hasRoom ?? true }

  /// Sends bytes at once, as many as possible.
  ///
  /// - Returns: The number of bytes sent; 0 if others are queued before them.
  func sendNow(_ bytes: Span<UInt8>) -> Int {
    guard filters == nil, outbox.isEmpty, reply == nil, flow.failure == nil else { return 0 }
    do {
      guard case .moved(let count) = try socket.write(bytes) else { return 0 }
      flow.take(count)
      didSend(count)
      return count
    } catch {
      // They count as taken, so that they are reported as missing.
      flow.take(bytes.count)
      fail(error)
      return 0
    }
  }

  /// Sends as many of the queued bytes as fit.
  func send(using resources: CopyResources) {
    do {
      while try sendPart(using: resources) {}
    } catch {
      if filters != nil, flow.pending == 0, reply == nil, error.endsConnection {
        // A peer that is gone does not need the answer.
        filters?.stopAnswering()
        return socket.didFail(error.reason)
      }
      fail(error)
      outbox.removeAll()
      isReplyCut = reply != nil
      reply = nil
    }
  }

  private func fail(_ error: IOFailure) {
    socket.didFail(error.reason)
    flow.fail(error)
  }

  /// - Returns: Whether more fits.
  private func sendPart(using resources: CopyResources) throws(IOFailure) -> Bool {
    guard flow.failure == nil else { return false }
    if filters != nil {
      if let goesOn = try sendFiltered() { return goesOn }
    } else if !outbox.isEmpty {
      return try outbox.offer { (bytes) throws(IOFailure) in
        guard case .moved(let count) = try socket.write(bytes) else { return 0 }
        didSend(count)
        return count
      }
    }
    guard let reply else { return false }
    guard filters != nil else { return try send(reply, using: resources) }
    do throws(IOFailure) {
      guard case .moved(let count) = try resources.read(from: reply) else {
        self.reply = nil
        endFilters()
        return filters?.isDue == true
      }
      give(Array(resources.scratch[..<count]))
      return true
    } catch {
      supplyFailure = error
      self.reply = nil
      return false
    }
  }

  /// Sends as much of the file as fits, then gives way to others.
  private func send(_ reply: ReplyFile, using resources: CopyResources) throws(IOFailure) -> Bool {
    let copier = copier ?? Copier(from: reply, to: socket, with: resources)
    copier.note(source: true, sink: true)
    let step = copier.move()
    self.copier = copier
    flow.take(step.taken)
    if step.hasPassed { didSend(step.passed) }
    switch step.failure {
    case .source(let error)?:
      supplyFailure = error
      self.reply = nil
    case let failure?: throw failure.cause
    case nil: if copier.blocker == .nothing { self.reply = nil }
    }
    return false
  }

  /// - Returns: Whether more fits; `nil` if nothing is left except a file.
  private func sendFiltered() throws(IOFailure) -> Bool? {
    let now = Deadline.now
    pauseEnd = filters?.begin(from: &outbox, at: now)
    endFilters()
    guard pauseEnd == nil else { return false }
    guard filters?.isDue == true else { return nil }
    let before = filters?.passed ?? 0
    var isAccepted = true
    do throws(SideFailure) {
      isAccepted = try filters?.send(to: socket, at: now) ?? false
    } catch {
      switch error {
      case .sink(let error), .source(let error): throw error
      case .recording(let error): recordFailure = error
      }
    }
    if isAccepted { didSend((filters?.passed ?? 0) - before) }
    return isAccepted
  }

  /// Processes received bytes, and leaves the payload among them at the front.
  ///
  /// - Returns: The number of payload bytes.
  func filter(_ count: Int, of buffer: inout MutableSpan<UInt8>) -> Int {
    guard let (payload, failure) = receivingFilters?.receive(count, of: &buffer) else { return count }
    if let failure { recordFailure = failure }
    // A pause between lines does not hold back answers.
    if filters?.isDue == true { pauseEnd = nil }
    return payload
  }

  private func didSend(_ count: Int) {
    flow.pass(count)
    lastMove = .now
    lastTaking = lastMove
  }

  /// The total number of bytes that the connection had accepted when it accepted the last payload; `nil` if it receives
  /// only payload.
  var payloadEnd: Int? { filters?.payloadEnd }

  /// Whether everything for the client was sent, as far as the system reports at once.
  var isComplete: Bool { flow.pending == 0 && !isReplyCut && reply == nil }
}
