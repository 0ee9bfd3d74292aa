// SPDX-License-Identifier: GPL-3.0-or-later

package import Handshakes
package import Sockets
package import SystemPackage
package import Transport

/// A stream whose payload begins behind a handshake, such as STARTTLS; from then on it is the stream below.
///
/// The handshake takes place with the first call, and none of them waits.
package final class HandshakeStream: ByteStream {
  private enum State {
    case handshake
    case open
    case failed(IOFailure)
  }

  private let transport: any ByteStream
  private var dialogue: any Handshake
  /// Called with the bytes of the handshake.
  private var observers: [(TrafficDirection, ArraySlice<UInt8>) -> Void] = []
  private var state = State.handshake
  private var hasBegun = false
  /// Whether the handshake has failed with an answer to the peer.
  private var hasRefused = false
  /// Whether the handshake is complete once everything is sent.
  private var isComplete = false
  /// The bytes of the handshake that are not sent yet.
  private var unsent: [UInt8] = []
  /// The payload that was received with the end of the handshake, and not read yet.
  private var early: ArraySlice<UInt8> = []
  /// The numbers of bytes of the handshake.
  private var sent = 0
  private var received = 0

  /// The number of bytes that are received at once.
  private static let readSize = 4096

  /// The time that the handshake may take, and when it is over; `nil` if the caller limits it.
  private let limit: Duration?
  private var handshakeEnd: Deadline?
  private let completed: ((any Handshake) -> Void)?

  /// Takes over a stream on which nothing has been sent or received.
  ///
  /// - Parameters:
  ///   - limit: The time that the handshake may take; `nil` if the caller limits it.
  ///   - completed: Called with the handshake once it is complete.
  package init(
    over transport: any ByteStream, _ handshake: any Handshake, within limit: Duration? = nil,
    completed: ((any Handshake) -> Void)? = nil
  ) {
    self.transport = transport
    dialogue = handshake
    self.limit = limit
    self.completed = completed
  }

  package func observeHandshake(_ observer: @escaping (TrafficDirection, ArraySlice<UInt8>) -> Void) {
    observers.append(observer)
  }

  package var isWorthRepeating: Bool { dialogue.isWorthRepeating || transport.isWorthRepeating }

  // MARK: The handshake

  /// The handshake, with what was learned from it once it is complete.
  package var result: any Handshake { dialogue }

  package func handshake() throws(IOFailure) -> Finish {
    switch state {
    case .open: return .done
    case .failed(let failure): throw failure
    case .handshake: break
    }
    let now = Deadline.now
    if handshakeEnd == nil { handshakeEnd = limit.map { now + $0 } ?? .never }
    do throws(IOFailure) {
      let isComplete = try transport.handshake() == .done ? try perform() : false
      guard isComplete else {
        guard let handshakeEnd, handshakeEnd <= now else { return .wouldBlock }
        throw IOFailure(dialogue.prematureEnd.operation, .timedOut)
      }
    } catch {
      // The answer that says why.
      if hasRefused { _ = try? flush() }
      state = .failed(error)
      throw error
    }
    state = .open
    completed?(dialogue)
    return .done
  }

  /// - Returns: Whether the handshake is complete.
  private func perform() throws(IOFailure) -> Bool {
    if !hasBegun {
      hasBegun = true
      try step([])
    }
    while true {
      guard try flush() else { return false }
      guard !isComplete else { return true }
      var buffer = [UInt8](repeating: 0, count: Self.readSize)
      var space = buffer.mutableSpan
      switch try transport.read(into: &space) {
      case .moved(let count): try step(buffer[..<count])
      case .wouldBlock: return false
      case .endOfStream:
        if let hidden = transport.errorBehindEnd(received: received) { throw transport.readError(hidden) }
        throw dialogue.prematureEnd
      }
    }
  }

  private func step(_ input: ArraySlice<UInt8>) throws(IOFailure) {
    let known = unsent.count
    received += input.count
    observe(.received, input)
    let step: HandshakeStep
    do { step = try dialogue.step(input.span, &unsent) } catch {
      hasRefused = unsent.count > known
      throw error
    }
    guard case .complete(let taken) = step else { return observe(.sent, unsent[known...]) }
    observe(.sent, unsent[known...])
    isComplete = true
    // A slice of the buffer would keep all of it as long as the connection lasts.
    early = Array(input.dropFirst(taken))[...]
    received -= early.count
  }

  private func observe(_ direction: TrafficDirection, _ bytes: ArraySlice<UInt8>) {
    guard !bytes.isEmpty else { return }
    for observer in observers { observer(direction, bytes) }
  }

  /// - Returns: Whether nothing is left to send.
  private func flush() throws(IOFailure) -> Bool {
    while !unsent.isEmpty {
      let bytes = unsent
      guard case .moved(let count) = try transport.write(bytes.span) else { return false }
      sent += count
      unsent.removeFirst(count)
    }
    return true
  }

  // MARK: Waiting

  package var deadline: Deadline {
    guard case .handshake = state, let handshakeEnd else { return transport.deadline }
    return min(handshakeEnd, transport.deadline)
  }
  package var hasBufferedInput: Bool { !early.isEmpty || transport.hasBufferedInput }
  package var hasBytes: Bool { !early.isEmpty || transport.hasBytes }

  package func interest(reading: Bool, writing: Bool) -> Readiness {
    guard case .open = state else {
      return transport.interest(reading: unsent.isEmpty, writing: !unsent.isEmpty)
    }
    return transport.interest(reading: reading, writing: writing)
  }

  package func canRead(after readiness: Readiness) -> Bool {
    guard case .open = state else { return !readiness.isEmpty }
    return transport.canRead(after: readiness)
  }

  package func canWrite(after readiness: Readiness) -> Bool {
    guard case .open = state else { return !readiness.isEmpty }
    return transport.canWrite(after: readiness)
  }

  // MARK: Moving bytes

  /// Returns the payload that was received with the end of the handshake, and then that of the stream below.
  package func read(into buffer: inout MutableSpan<UInt8>, atMost limit: Int) throws(IOFailure) -> Transfer {
    guard try handshake() == .done else { return .wouldBlock }
    guard !early.isEmpty else { return try transport.read(into: &buffer, atMost: limit) }
    let count = min(early.count, buffer.count, limit)
    for index in 0..<count { buffer[index] = early[early.startIndex + index] }
    early = count == early.count ? [] : early.dropFirst(count)
    return .moved(count)
  }

  package func write(_ buffer: Span<UInt8>, moreFollows: Bool) throws(IOFailure) -> Transfer {
    guard try handshake() == .done else { return .wouldBlock }
    return try transport.write(buffer, moreFollows: moreFollows)
  }

  package func finish() throws(IOFailure) -> Finish {
    guard try handshake() == .done else { return .wouldBlock }
    return try transport.finish()
  }

  package func unreadBytes() throws(IOFailure) -> Int { try early.count + transport.unreadBytes() }

  /// Queries what the peer's system has acknowledged of the payload.
  package func acknowledgedBytes() -> Int? { transport.acknowledgedBytes().map { max(0, $0 - sent) } }

  package func errorBehindEnd(received: Int?, sent: Int?) -> IOFailure.Reason? {
    transport.errorBehindEnd(received: received.map { $0 + self.received }, sent: sent.map { $0 + self.sent })
  }

  // MARK: The stream below

  /// That of the stream below, whose bytes the kernel can move once there is no payload here.
  package var medium: DescriptorKind {
    guard case .open = state, early.isEmpty else { return .opaque }
    return transport.medium
  }
  package var descriptor: FileDescriptor { transport.descriptor }
  package var name: String { dialogue.client.map { "\($0)" } ?? transport.name }
  /// The address of the client that the peer acts for, or else that of the peer.
  package var remote: Address { dialogue.client ?? transport.remote }
  package var attributes: [String: String] { transport.attributes }
  package var end: StreamEnd? { transport.end }
  package var isReadWhole: Bool { transport.isReadWhole }
  package var needsWait: Bool { transport.needsWait }
  /// Passes the low-water mark on.
  package func gather(_ count: Int) { transport.gather(count) }
  /// Queries the bytes that the peer's system has not acknowledged.
  package func unacknowledgedBytes() throws(IOFailure) -> Int {
    try unsent.count + transport.unacknowledgedBytes()
  }
  package func lastDelivery(at now: Deadline) -> Deadline? { transport.lastDelivery(at: now) }
  /// Enables the detection of a vanished peer.
  package func probePeer() throws(IOFailure) { try transport.probePeer() }
  package func takeError() throws(IOFailure) -> IOFailure.Reason? { try transport.takeError() }
  package func didFail(_ reason: IOFailure.Reason) { transport.didFail(reason) }
  package var failure: IOFailure.Reason? { transport.failure }
  /// Makes closing return at once.
  package func stopLingering() throws(IOFailure) { try transport.stopLingering() }
  package func setCloseRule(_ rule: CloseRule) throws(IOFailure) -> Finish {
    // A reset could overtake the answer.
    try transport.setCloseRule(hasRefused ? .orderly : rule)
  }
}
