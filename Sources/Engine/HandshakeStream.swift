// SPDX-License-Identifier: GPL-3.0-or-later

import HTTP
package import Handshakes
package import Sockets
import SystemPackage
package import Transport

/// A stream whose payload begins behind a handshake, such as STARTTLS; from then on it is the stream below.
///
/// The handshake takes place with the first call, and none of them waits.
package final class HandshakeStream: LayeredStream {
  private enum State {
    case handshake
    /// The handshake is complete, and what was added to it is not sent yet.
    case replying
    case open
    case failed(IOFailure)
  }

  /// The work for which the handshake waits: a verification of the peer's credentials, or a question for ours.
  private struct Pause {
    let perform: @Sendable () -> Void
    let isDone: () -> Bool
    let began = Deadline.now
    /// When it has taken too long.
    let end: Deadline
    /// What was received behind the request for it.
    let input: ArraySlice<UInt8>
    /// Whether it was given away to be performed.
    var isTaken = false
  }

  /// The time for a verification, unless too many others are performed.
  private static let verificationTime = Duration.seconds(10)

  private var dialogue: any Handshake
  /// Called with the bytes of the handshake.
  private var observers: [(TrafficDirection, ArraySlice<UInt8>) -> Void] = []
  private var state = State.handshake
  private var hasBegun = false
  /// Whether the handshake is complete once everything is sent.
  private var isComplete = false
  private var pause: Pause?
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
    dialogue = handshake
    self.limit = limit
    self.completed = completed
    super.init(over: transport)
  }

  package override func observeHandshake(_ observer: @escaping (TrafficDirection, ArraySlice<UInt8>) -> Void)
  {
    observers.append(observer)
  }

  /// That of the stream below until it is complete.
  package override var handshakeOperation: Operation {
    hasBegun ? dialogue.prematureEnd.operation : transport.handshakeOperation
  }

  package override var isWorthRepeating: Bool { dialogue.isWorthRepeating || transport.isWorthRepeating }

  // MARK: The handshake

  /// The handshake, with what was learned from it once it is complete.
  package var result: any Handshake { dialogue }

  package override func handshake() throws(IOFailure) -> Finish {
    switch state {
    case .open: return .done
    case .failed(let failure): throw failure
    case .replying: return try finishReply()
    case .handshake: break
    }
    do throws(IOFailure) {
      // The stream below has a limit of its own.
      guard try transport.handshake() == .done else { return .wouldBlock }
      let now = Deadline.now
      if handshakeEnd == nil { handshakeEnd = limit.map { now + $0 } ?? .never }
      guard try perform() else {
        guard let end = pause?.end ?? handshakeEnd, end <= now else { return .wouldBlock }
        throw IOFailure(handshakeOperation, .timedOut)
      }
    } catch {
      state = .failed(error)
      throw error
    }
    state = .open
    completed?(dialogue)
    return .done
  }

  /// Adds the last bytes to a handshake that is complete, such as the outcome of what the peer has asked for.
  ///
  /// What the peer's system does not take yet is sent later, before the payload; until then nothing else can be moved.
  ///
  /// - Throws: The error of the connection.
  package func reply(_ bytes: [UInt8]) throws(IOFailure) {
    guard !bytes.isEmpty else { return }
    if case .open = state { state = .replying }
    unsent += bytes
    observe(.sent, bytes[...])
    _ = try handshake()
  }

  private func finishReply() throws(IOFailure) -> Finish {
    do throws(IOFailure) {
      guard try flush() else { return .wouldBlock }
    } catch {
      state = .failed(error)
      throw error
    }
    state = .open
    return .done
  }

  /// - Returns: Whether the handshake is complete.
  private func perform() throws(IOFailure) -> Bool {
    if !hasBegun {
      hasBegun = true
      try step([])
    }
    if let pause {
      guard pause.isDone() else { return false }
      // The time is the peer's.
      handshakeEnd = handshakeEnd.map { $0 + pause.began.duration(until: .now) }
      self.pause = nil
      try step(pause.input)
    }
    while true {
      guard try flush() else { return false }
      guard !isComplete else { return true }
      guard pause == nil else { return false }
      var buffer = [UInt8](repeating: 0, count: Self.readSize)
      var space = buffer.mutableSpan
      switch try transport.read(into: &space) {
      case .moved(let count):
        received += count
        observe(.received, buffer[..<count])
        try step(buffer[..<count])
      case .wouldBlock: return false
      case .endOfStream:
        if let hidden = transport.errorBehindEnd(received: received) { throw transport.readError(hidden) }
        try dialogue.end()
        isComplete = true
      }
    }
  }

  private func step(_ input: ArraySlice<UInt8>) throws(IOFailure) {
    let known = unsent.count
    let step = try dialogue.step(input.span, &unsent)
    observe(.sent, unsent[known...])
    switch step {
    case .incomplete: return
    case .verify(let verification, let taken):
      let rest = Array(input.dropFirst(taken))[...]
      guard verification.isGranted == nil else { return try self.step(rest) }
      pause = Pause(
        perform: verification.perform, isDone: { verification.isGranted != nil },
        end: .after(Self.verificationTime), input: rest)
    case .ask(let question, let taken):
      pause = Pause(
        perform: question.perform, isDone: { question.answer != nil }, end: .never,
        input: Array(input.dropFirst(taken))[...])
    case .complete(let taken):
      isComplete = true
      // A slice of the buffer would keep all of it as long as the connection lasts.
      early = Array(input.dropFirst(taken))[...]
      received -= early.count
    }
  }

  package override func takeHandshakeWork() -> (@Sendable () -> Void)? {
    guard pause?.isTaken == false, let pause else { return transport.takeHandshakeWork() }
    self.pause?.isTaken = true
    return pause.perform
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

  package override var deadline: Deadline {
    guard case .handshake = state, let end = pause?.end ?? handshakeEnd else { return transport.deadline }
    return min(end, transport.deadline)
  }
  package override var hasBufferedInput: Bool { !early.isEmpty || transport.hasBufferedInput }
  package override var hasBytes: Bool { !early.isEmpty || transport.hasBytes }

  package override func interest(reading: Bool, writing: Bool) -> Readiness {
    guard case .open = state else {
      return transport.interest(reading: unsent.isEmpty && pause == nil, writing: !unsent.isEmpty)
    }
    return transport.interest(reading: reading, writing: writing)
  }

  package override func canRead(after readiness: Readiness) -> Bool {
    guard case .open = state else { return !readiness.isEmpty }
    return transport.canRead(after: readiness)
  }

  package override func canWrite(after readiness: Readiness) -> Bool {
    guard case .open = state else { return !readiness.isEmpty }
    return transport.canWrite(after: readiness)
  }

  // MARK: Moving bytes

  /// Returns the payload that was received with the end of the handshake, and then that of the stream below.
  package override func read(into buffer: inout MutableSpan<UInt8>, atMost limit: Int) throws(IOFailure)
    -> Transfer
  {
    guard try handshake() == .done else { return .wouldBlock }
    guard !early.isEmpty else { return try transport.read(into: &buffer, atMost: limit) }
    return .moved(early.move(into: &buffer, atMost: limit))
  }

  package override func write(_ buffer: Span<UInt8>, moreFollows: Bool) throws(IOFailure) -> Transfer {
    guard try handshake() == .done else { return .wouldBlock }
    return try transport.write(buffer, moreFollows: moreFollows)
  }

  package override func finish() throws(IOFailure) -> Finish {
    guard try handshake() == .done else { return .wouldBlock }
    return try transport.finish()
  }

  package override func unreadBytes() throws(IOFailure) -> Int { try early.count + transport.unreadBytes() }

  /// Queries what the peer's system has acknowledged of the payload.
  package override func acknowledgedBytes() -> Int? {
    transport.acknowledgedBytes().map { max(0, $0 - sent) }
  }

  package override func errorBehindEnd(received: Int?, sent: Int?) -> IOFailure.Reason? {
    transport.errorBehindEnd(received: received.map { $0 + self.received }, sent: sent.map { $0 + self.sent })
  }

  // MARK: The stream below

  /// That of the stream below, whose bytes the kernel can move once there is no payload here.
  package override var medium: DescriptorKind {
    guard case .open = state, early.isEmpty else { return .opaque }
    return transport.medium
  }
  package override var name: String { dialogue.client.map { "\($0)" } ?? transport.name }
  /// The address of the client that the peer acts for, or else that of the peer.
  package override var remote: Address { dialogue.client ?? transport.remote }
  /// Queries the bytes that the peer's system has not acknowledged.
  package override func unacknowledgedBytes() throws(IOFailure) -> Int {
    try unsent.count + transport.unacknowledgedBytes()
  }
}
