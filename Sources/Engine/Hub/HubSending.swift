// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage
import Transport

/// The way of bytes to one client of a hub: what it has still to be sent, and what became of the rest.
final class HubSending {
  private let socket: any ByteStream
  /// What was put in line for the client, and what of it was sent.
  private(set) var flow = TransferCounters()
  private var outbox = WriteQueue()
  private var reply: ReplyFile?
  private var isReplyCut = false
  private var copier: Copier?
  private var filters: SendingFilters?
  private var receivingFilters: ReceivingFilters?
  private var hasEnded = false
  /// Until when a filter puts off what there is to send; `nil` if it may go now.
  private(set) var pauseEnd: Deadline?
  /// Why a record cannot be written, if it cannot.
  private(set) var recordFailure: SystemError?
  /// Why the file that it is to be sent cannot be read, if it cannot.
  private(set) var supplyFailure: SystemError?
  /// When the last byte was sent.
  private(set) var lastMove = Deadline.now
  private var lastTaking = Deadline.now

  /// - Parameters:
  ///   - filters: What is done to the bytes.
  ///   - recording: What is kept of them; `nil` for nothing.
  init(to socket: any ByteStream, through filters: TrafficFilters, _ recording: Recording?) {
    self.socket = socket
    guard filters.areAny else { return }
    let control = ControlQueue()
    self.filters = SendingFilters(filters, recording, answering: control)
    receivingFilters = ReceivingFilters(filters, recording, answering: control)
  }

  /// Whether something has still to be sent.
  var hasPending: Bool {
    flow.failure == nil && (!outbox.isEmpty || reply != nil || filters?.isDue == true)
  }
  /// Whether nothing should be added to what it has to be sent.
  var isFull: Bool { flow.failure == nil && outbox.isFull }

  /// Puts bytes in line for it.
  ///
  /// - Parameter start: Where in them to begin.
  func give(_ bytes: [UInt8], from start: Int = 0) {
    guard start < bytes.count, flow.failure == nil else { return }
    if !hasPending { lastTaking = .now }
    flow.take(bytes.count - start)
    outbox.append(bytes, from: start)
  }

  /// Puts a file in line for it, behind what is there, and before which nothing may be put after it.
  func give(_ file: ReplyFile) {
    reply = file
  }

  /// Nothing is added to what it has to be sent from here on.
  func end() {
    hasEnded = true
    endFilters()
  }

  /// What a conversion needs after the last byte is due once no other can follow.
  private func endFilters() {
    if hasEnded, outbox.isEmpty, reply == nil { filters?.end() }
  }

  /// The connection was half-closed.
  func didHalfClose() { filters?.stopAnswering() }

  /// Goes on if a pause is over.
  func resume(at now: Deadline) {
    guard let pauseEnd, pauseEnd <= now else { return }
    self.pauseEnd = nil
    // The pause was asked for, and is nobody's idleness.
    lastMove = now
    lastTaking = now
  }

  /// When bytes were last taken from what there is to send, or there was nothing to take, or it was not to be taken.
  var lastProgress: Deadline { pauseEnd ?? lastTaking }

  /// Whether more may be received: what it asks for by telnet has to be answered.
  var mayReceive: Bool { receivingFilters?.hasRoom ?? true }

  /// Sends bytes at once, as far as they go.
  ///
  /// - Returns: How many bytes were sent; 0 if others wait in front of them.
  func sendNow(_ bytes: Span<UInt8>) -> Int {
    guard filters == nil, outbox.isEmpty, reply == nil, flow.failure == nil else { return 0 }
    do {
      guard case .moved(let count) = try socket.write(bytes) else { return 0 }
      flow.take(count)
      didSend(count)
      return count
    } catch {
      // They count as taken, so that they are known to be missing.
      flow.take(bytes.count)
      fail(error)
      return 0
    }
  }

  /// Sends as much as fits of what is there.
  func send(using resources: CopyResources) {
    do {
      while try sendPart(using: resources) {}
    } catch {
      if filters != nil, flow.pending == 0, reply == nil, error.code.endsConnection {
        // A peer that is gone does not need the answer.
        filters?.stopAnswering()
        return socket.didFail(error.code)
      }
      fail(error)
      outbox.removeAll()
      isReplyCut = reply != nil
      reply = nil
    }
  }

  private func fail(_ error: SystemError) {
    socket.didFail(error.code)
    flow.fail(error)
  }

  /// - Returns: Whether more fits.
  private func sendPart(using resources: CopyResources) throws(SystemError) -> Bool {
    guard flow.failure == nil else { return false }
    if filters != nil {
      if let goesOn = try sendFiltered() { return goesOn }
    } else if !outbox.isEmpty {
      return try outbox.offer { (bytes) throws(SystemError) in
        guard case .moved(let count) = try socket.write(bytes) else { return 0 }
        didSend(count)
        return count
      }
    }
    guard let reply else { return false }
    guard filters != nil else { return try send(reply, using: resources) }
    do throws(SystemError) {
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

  /// Sends what fits of the file, and then leaves the turn to others.
  private func send(_ reply: ReplyFile, using resources: CopyResources) throws(SystemError) -> Bool {
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

  /// - Returns: Whether more fits; `nil` if nothing is left but what comes from a file.
  private func sendFiltered() throws(SystemError) -> Bool? {
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

  /// Takes note of what was received, and leaves what is payload of it at the front.
  ///
  /// - Returns: How many bytes are payload.
  func filter(_ count: Int, of buffer: inout MutableSpan<UInt8>) -> Int {
    guard let (payload, failure) = receivingFilters?.receive(count, of: &buffer) else { return count }
    if let failure { recordFailure = failure }
    // A pause between lines is none for an answer.
    if filters?.isDue == true { pauseEnd = nil }
    return payload
  }

  private func didSend(_ count: Int) {
    flow.pass(count)
    lastMove = .now
    lastTaking = lastMove
  }

  /// What the connection had accepted altogether when it accepted the last payload, in bytes; `nil` where it gets
  /// nothing else.
  var payloadEnd: Int? { filters?.payloadEnd }

  /// Whether all that there was for the client was sent, as far as the system says at once.
  var isComplete: Bool { flow.pending == 0 && !isReplyCut && reply == nil }
}
