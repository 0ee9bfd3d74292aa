// SPDX-License-Identifier: GPL-3.0-or-later

import Services
import Sockets
import SystemPackage
import Transport

/// How a served connection ended.
enum ConnectionEnding: Equatable, Sendable {
  /// Nothing was left to send.
  case orderly
  /// A call failed, or the peer has reset the connection; our end is reset too.
  case failed(IOFailure)
  /// The connection is reset although nothing has failed.
  case cutOff(because: Reason)

  /// The reason why a connection is cut off.
  enum Reason: String, Sendable {
    /// No bytes of an answer could be sent within the idle time.
    case idle = "it was idle"
    /// The server's grace period was over, or it has ended for another reason.
    case serverEnded = "the server has ended"
  }
}

/// One client's connection: moves bytes between its socket and its session, and never waits.
///
/// Nothing is received while there is something to send, so a client that does not read occupies one reply at most.
final class ServiceConnection {
  /// The next action.
  enum Step: Equatable {
    /// Wait until the socket is ready for this.
    case await(Readiness)
    /// Perform this work, without delaying another connection; meanwhile no bytes are moved.
    case perform(LongWork)
    /// The connection is over.
    case over(ConnectionEnding)
  }

  private let stream: any ByteStream
  private let session: any ServiceSession
  private var reply = Response()
  // Next to each other and behind an odd size, so that a connection takes a few bytes less; there may be many.
  private var hasClientFinished = false
  /// Whether the end has still to be passed on, once the stream is ready for it.
  private var isEnding = false
  /// Whether the server is stopping: the connection ends as soon as no answer is due.
  var isLast = false
  private var part = 0
  private var offset = 0
  /// Sends the part, if it is part of a file.
  private var fileBody: Copier?
  /// Ends the connection, once nothing is left to send.
  private var closing: LingeringClose?
  /// The start of the connection, and the time of the last byte in either direction.
  let began: Deadline
  private(set) var lastActivity: Deadline
  /// The number of bytes accepted by the system.
  private var sent = 0
  private(set) var received = 0

  /// The time for which replies of a backlog are made and sent before another connection has its turn.
  private static let turn = Duration.milliseconds(1)
  /// The time for which bytes are read and discarded after the last reply.
  private static let closingTime = LingeringClose.Limits(
    silence: .seconds(2), total: .seconds(2), awaitsDelivery: false)

  /// Takes ownership of a connection.
  init(_ stream: any ByteStream, session: any ServiceSession) {
    self.stream = stream
    self.session = session
    began = .now
    lastActivity = began
  }

  /// The first step: to wait for a request, unless bytes have arrived behind a handshake, which no wait reports.
  func begin(with resources: CopyResources) -> Step {
    stream.hasBufferedInput
      ? proceed(with: resources, at: began) : .await(stream.interest(reading: true, writing: false))
  }

  /// The descriptor to wait on.
  var descriptor: FileDescriptor { stream.descriptor }
  /// How the client has ended the stream.
  var end: StreamEnd? { stream.end }
  /// The client.
  var remote: Address { stream.remote }

  /// The time by which an event must have occurred, including the idle time-out.
  func deadline(idle: Duration?) -> Deadline {
    if let closing { return closing.deadline }
    if reply.work != nil, part == reply.parts.count { return .never }
    return min(
      isReplying || session.hasBacklog ? .never : session.deadline, idle.map { lastActivity + $0 } ?? .never)
  }

  /// Handles the readiness of the socket.
  ///
  /// - Parameter resources: The resources that all connections of a thread share.
  func proceed(with resources: CopyResources, at now: Deadline) -> Step {
    var step = move(with: resources, at: now)
    while step == .await(.readable), stream.hasBufferedInput { step = move(with: resources, at: now) }
    let isDone = isLast && step == .await(.readable) && closing == nil && session.isBetweenRequests
    if isDone { step = endLast(with: resources, at: now) }
    guard case .await(let wanted) = step else { return step }
    return .await(stream.interest(reading: wanted == .readable, writing: wanted == .writable))
  }

  /// Ends a connection of a stopping server on which nothing is left to send. A close while bytes are unread or
  /// unacknowledged could reset it, and lose the end of the last answer.
  private func endLast(with resources: CopyResources, at now: Deadline) -> Step {
    do {
      let unread = try stream.unreadBytes()
      let unacknowledged = try stream.unacknowledgedBytes()
      guard unread + unacknowledged > 0 else { return endInOrder() }
      reply.endSession()
      return try linger(with: resources, at: now)
    } catch {
      return .over(.failed(error))
    }
  }

  /// Ends a connection on which nothing is left to send.
  private func endInOrder() -> Step {
    do {
      if !hasClientFinished { try throwHiddenReset() }
      isEnding = try stream.setCloseRule(.orderly) == .wouldBlock
      return isEnding ? .await(.writable) : .over(.orderly)
    } catch {
      return .over(.failed(error))
    }
  }

  /// Checks whether the connection was reset without a call having reported it.
  private func throwHiddenReset() throws(IOFailure) {
    if let reason = stream.errorBehindEnd(received: received) { throw stream.readError(reason) }
  }

  /// The number of bytes of the answers that have been sent when the connection is over, and of those that have not. On
  /// a connection that is reset, bytes that the peer has not acknowledged count as unsent.
  ///
  /// The session is notified of an answer that was cut off.
  func account(for ending: ConnectionEnding) -> (sent: Int, unsent: Int) {
    guard ending != .orderly else { return (sent, 0) }
    let lost = sent - delivered
    let taken = reply.parts[..<part].reduce(offset) { $0 + $1.count }
    if isReplying || session.hasBacklog { session.replyCutOff(after: max(0, taken - lost)) }
    return (sent - lost, reply.count - taken + lost)
  }

  /// The number of bytes that the peer's system has; on a Unix socket, all sent bytes.
  private var delivered: Int { min(sent, stream.acknowledgedBytes() ?? sent) }

  private func move(with resources: CopyResources, at now: Deadline) -> Step {
    if isEnding { return endInOrder() }
    do throws(IOFailure) {
      if closing == nil, !isReplying, !session.hasBacklog {
        guard try receive(with: resources, at: now) else { return .await(.readable) }
      }
      var turnEnd: Deadline?
      while true {
        guard try sendReply(with: resources, at: now) else { return .await(.writable) }
        if let failure = reply.failure { throw failure }
        if let work = reply.work {
          guard reply.takeWork() else { return .perform(work) }
          lastActivity = now
          continue
        }
        if !reply.parts.isEmpty { session.replySent() }
        if reply.endsSession {
          return hasClientFinished ? endInOrder() : try linger(with: resources, at: now)
        }
        reply = Response()
        part = 0
        guard session.hasBacklog else {
          return hasClientFinished ? endInOrder() : .await(.readable)
        }
        if let turnEnd, turnEnd.hasPassed { return .await(.writable) }
        turnEnd = turnEnd ?? .after(Self.turn)
        session.receive([UInt8]().span, reply: &reply)
      }
    } catch {
      return .over(.failed(error))
    }
  }

  /// Ends a session whose deadline has passed, or an idle connection; resets it if an answer is incomplete.
  func deadlinePassed(with resources: CopyResources, at now: Deadline, idle: Duration?) -> Step {
    if closing != nil { return proceed(with: resources, at: now) }
    guard !isReplying, session.deadline <= now else {
      let isOwed = isReplying || session.hasBacklog
      // The client may still be receiving bytes sent before the idle time.
      if let delivery = stream.lastDelivery(at: now) {
        lastActivity = max(lastActivity, delivery)
      }
      guard deadline(idle: idle) <= now else { return .await(isOwed ? .writable : .readable) }
      return isOwed ? .over(.cutOff(because: .idle)) : endInOrder()
    }
    session.deadlinePassed(reply: &reply)
    reply.endSession()
    return proceed(with: resources, at: now)
  }

  private var isReplying: Bool {
    part < reply.parts.count || reply.work != nil || reply.failure != nil || reply.endsSession
  }

  /// - Returns: Whether bytes or end-of-stream were received.
  private func receive(with resources: CopyResources, at now: Deadline) throws(IOFailure) -> Bool {
    switch try resources.read(from: stream) {
    case .moved(let count):
      received += count
      lastActivity = now
      let bytes = resources.scratch
      session.receive(bytes.span.extracting(first: count), reply: &reply)
    case .endOfStream:
      try throwHiddenReset()
      hasClientFinished = true
      session.clientFinished(reply: &reply)
    case .wouldBlock: return false
    }
    return true
  }

  /// - Returns: Whether the whole reply has been sent.
  private func sendReply(with resources: CopyResources, at now: Deadline) throws(IOFailure) -> Bool {
    while part < reply.parts.count {
      guard let (count, isWhole) = try sendPart(with: resources) else { return false }
      sent += count
      lastActivity = now
      // The socket is full, so another call would only report that, or another connection has its turn.
      guard isWhole else {
        offset += count
        return false
      }
      offset = 0
      part += 1
    }
    return true
  }

  /// - Returns: The number of bytes sent, and whether the part is complete; `nil` if the socket would block.
  private func sendPart(with resources: CopyResources) throws(IOFailure) -> (count: Int, isWhole: Bool)? {
    switch reply.parts[part] {
    case .bytes(let bytes):
      // The header of an answer and its body share a packet.
      let moreFollows = part + 1 < reply.parts.count
      let rest = bytes.span.extracting(offset...)
      guard case .moved(let count) = try stream.write(rest, moreFollows: moreFollows) else { return nil }
      return (count, offset + count == bytes.count)
    case .file(let file, let start, let count):
      let range = FileRange(of: file, start..<start + count)
      let body = fileBody ?? Copier(from: range, to: stream, with: resources)
      fileBody = body
      let step = body.send()
      if let failure = step.failure { throw failure.cause }
      let isWhole = offset + step.passed == count
      // The file has become shorter than the header states; only a reset can report that to the client.
      guard isWhole || body.blocker != .nothing else { throw range.readError(.ioError) }
      if isWhole { fileBody = nil }
      return isWhole || step.passed > 0 ? (step.passed, isWhole) : nil
    }
  }

  private func linger(with resources: CopyResources, at now: Deadline) throws(IOFailure) -> Step {
    if closing == nil { try throwHiddenReset() }
    let closing =
      closing ?? LingeringClose(.orderly, of: stream, within: Self.closingTime, sent: sent, at: now)
    self.closing = closing
    switch try closing.proceed(with: resources, at: now) {
    case .await(let readiness): return .await(readiness)
    case .over: return .over(.orderly)
    }
  }
}

extension Copier {
  /// Sends as many bytes as fit: the sink is ready, and so is a file.
  fileprivate func send() -> Step {
    note(source: true, sink: true)
    return move()
  }
}
