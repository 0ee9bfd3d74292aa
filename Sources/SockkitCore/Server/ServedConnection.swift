// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// How a connection that was served has ended.
enum ConnectionEnding: Equatable, Sendable {
  /// Nothing was left to be sent.
  case orderly
  /// A call failed, or the peer has reset the connection, which is reset.
  case failed(SystemError)
  /// The connection is reset though nothing has failed.
  case cutOff(because: Reason)

  /// Why a connection is cut off.
  enum Reason: String, Sendable {
    /// Nothing of an answer could be sent for the idle time.
    case idle = "it was idle"
    /// The grace of the server was over, or it has ended for another reason.
    case serverEnded = "the server has ended"
  }
}

/// One client's connection: moves bytes between its socket and its conversation, and never waits.
///
/// Nothing is received while there is something to send, so that a client that does not read costs one reply.
final class ServedConnection<Talk: Conversation> {
  /// What has to happen next.
  enum Step: Equatable {
    /// The socket has to become ready for this.
    case await(Readiness)
    /// This has to be performed, wherever it keeps no other connection waiting; no byte goes either way meanwhile.
    case perform(LongWork)
    /// It is over.
    case over(ConnectionEnding)
  }

  private let socket: StreamSocket
  private var talk: Talk
  private var reply = Reply()
  private var part = 0
  private var offset = 0
  /// Whether `sendfile` cannot read the file of the part, so that a buffer has to.
  private var usesBuffer = false
  private var endCheck = EndOfStreamCheck()
  private var progress = DeliveryProgress()
  private var hasClientFinished = false
  private var lingerEnd: Deadline?
  /// Whether the server is to stop: nothing more is waited for once the client is owed nothing.
  var isLast = false
  /// When it began, and when the last byte went either way.
  let began: Deadline
  private(set) var lastActivity: Deadline
  /// How many bytes the system took to send them.
  private var sent = 0
  private(set) var received = 0

  /// How long replies of a backlog are made and sent before it is another connection's turn.
  private static var turn: Duration { .milliseconds(1) }
  /// How long is read and thrown away after the last reply: a socket that is closed with bytes
  /// unread resets the connection, and the reply could be lost with it.
  private static var lingerTime: Duration { .seconds(2) }
  /// How much of a file is sent before it is another connection's turn, in bytes.
  private static var fileStep: Int { 1 << 20 }

  /// Takes over a connection.
  init(_ socket: consuming StreamSocket, talk: Talk) {
    self.socket = socket
    self.talk = talk
    began = .now
    lastActivity = began
  }

  /// The descriptor to wait on.
  var number: FileDescriptor { socket.number }
  /// The client.
  var remote: Address { socket.remote }

  /// When something has to have happened, with an idle time-out.
  func deadline(idle: Duration?) -> Deadline {
    if let lingerEnd { return lingerEnd }
    if reply.work != nil, part == reply.parts.count { return .never }
    return min(
      isReplying || talk.hasBacklog ? .never : talk.deadline, idle.map { lastActivity + $0 } ?? .never)
  }

  /// Does what a socket that is ready allows.
  ///
  /// - Parameter scratch: Room for what is received, which any number of connections may share.
  func proceed(_ scratch: inout [UInt8], at now: Deadline) -> Step {
    let step = move(&scratch, at: now)
    let isDone = isLast && step == .await(.readable) && lingerEnd == nil && talk.isBetweenRequests
    return isDone ? endLast(&scratch) : step
  }

  /// Ends a connection of a server that stops, on which nothing is left to be sent. A close while bytes are unread or not
  /// acknowledged could reset it, and take the end of the last answer with it.
  private func endLast(_ scratch: inout [UInt8]) -> Step {
    do {
      let unread = try socket.unreadBytes()
      let unacknowledged = try socket.unacknowledgedBytes()
      guard unread + unacknowledged > 0 else { return endInOrder() }
      reply.endConversation()
      return try linger(&scratch)
    } catch {
      return .over(.failed(error))
    }
  }

  /// Ends a connection on which nothing is left to be sent.
  private func endInOrder() -> Step {
    do {
      if !hasClientFinished { try throwHiddenReset() }
      try socket.allowOrderlyClose()
      return .over(.orderly)
    } catch {
      return .over(.failed(error))
    }
  }

  /// Finds out whether the connection was reset in a way that no call has reported.
  private func throwHiddenReset() throws(SystemError) {
    guard let code = endCheck.errorBehindEnd(of: number, received: received) else { return }
    throw SystemError(.receive(from: "\(remote)"), code)
  }

  /// What of the answers has been sent when the connection is over, and what has not; of a connection that is reset what
  /// its peer has not acknowledged has not.
  ///
  /// The conversation learns of an answer that was cut off.
  func account(for ending: ConnectionEnding) -> (sent: Int, unsent: Int) {
    guard ending != .orderly else { return (sent, 0) }
    let lost = sent - delivered
    let taken = reply.parts[..<part].reduce(offset) { $0 + $1.count }
    if isReplying { talk.replyCutOff(after: max(0, taken - lost)) }
    return (sent - lost, reply.count - taken + lost)
  }

  /// How many bytes the peer's system has; a Unix socket has what was sent.
  private var delivered: Int {
    guard socket.family != .unix, let info = TCPInformation(of: number) else { return sent }
    return min(sent, info.acknowledged)
  }

  private func move(_ scratch: inout [UInt8], at now: Deadline) -> Step {
    do {
      if lingerEnd == nil, !isReplying, !talk.hasBacklog {
        guard try receive(&scratch, at: now) else { return .await(.readable) }
      }
      var turnEnd: Deadline?
      while true {
        guard try sendReply(&scratch, at: now) else { return .await(.writable) }
        if let work = reply.work {
          guard reply.takeWork() else { return .perform(work) }
          lastActivity = now
          continue
        }
        if !reply.parts.isEmpty { talk.replySent() }
        if reply.endsConversation { return hasClientFinished ? endInOrder() : try linger(&scratch) }
        reply = Reply()
        part = 0
        guard talk.hasBacklog else {
          return hasClientFinished ? endInOrder() : .await(.readable)
        }
        if let turnEnd, turnEnd.hasPassed { return .await(.writable) }
        turnEnd = turnEnd ?? .after(Self.turn)
        talk.receive(scratch.span.extracting(first: 0), reply: &reply)
      }
    } catch {
      return .over(.failed(error))
    }
  }

  /// Ends a conversation whose deadline has passed, or an idle connection: with a reset if an answer is not complete.
  func deadlinePassed(_ scratch: inout [UInt8], at now: Deadline, idle: Duration?) -> Step {
    guard lingerEnd == nil, !isReplying, talk.deadline <= now else {
      if lingerEnd != nil { return .over(.orderly) }
      let isOwed = isReplying || talk.hasBacklog
      // The client may be taking what was sent before the idle time.
      if let delivery = progress.lastDelivery(over: number, at: now) {
        lastActivity = max(lastActivity, delivery)
      }
      guard deadline(idle: idle) <= now else { return .await(isOwed ? .writable : .readable) }
      return isOwed ? .over(.cutOff(because: .idle)) : endInOrder()
    }
    talk.deadlinePassed(reply: &reply)
    reply.endConversation()
    return proceed(&scratch, at: now)
  }

  private var isReplying: Bool {
    part < reply.parts.count || reply.work != nil || reply.endsConversation
  }

  /// - Returns: Whether something came, be it the end.
  private func receive(_ scratch: inout [UInt8], at now: Deadline) throws(SystemError) -> Bool {
    switch try receiveBytes(&scratch) {
    case .moved(let count):
      received += count
      lastActivity = now
      talk.receive(scratch.span.extracting(first: count), reply: &reply)
    case .endOfStream:
      try throwHiddenReset()
      hasClientFinished = true
      talk.clientFinished(reply: &reply)
    case .wouldBlock: return false
    }
    return true
  }

  /// - Returns: Whether all of the reply is sent.
  private func sendReply(_ scratch: inout [UInt8], at now: Deadline) throws(SystemError) -> Bool {
    while part < reply.parts.count {
      guard let (count, isWhole) = try sendPart(&scratch) else { return false }
      sent += count
      lastActivity = now
      // The socket is full, so that another call would only return that, or it is another connection's turn.
      guard isWhole else {
        offset += count
        return false
      }
      offset = 0
      part += 1
      usesBuffer = false
    }
    return true
  }

  /// - Returns: How many bytes were sent, and whether the part is sent now; `nil` if the socket would block.
  private func sendPart(_ scratch: inout [UInt8]) throws(SystemError) -> (count: Int, isWhole: Bool)? {
    let result: Transfer
    // The head of an answer and its body share a packet.
    let moreFollows = part + 1 < reply.parts.count
    switch reply.parts[part] {
    case .bytes(let bytes):
      result = try send(bytes.span.extracting(offset...), moreFollows)
    case .file(let file, let start, let count):
      result = try send(file, at: start + offset, count: count - offset, &scratch)
    }
    switch result {
    case .moved(let count): return (count, offset + count == reply.parts[part].count)
    case .wouldBlock: return nil
    // The file has become shorter than the head says, which only a reset can tell the client.
    case .endOfStream: throw SystemError(Self.readingFile, .ioError)
    }
  }

  private static var readingFile: Operation { .read("a file that is being sent") }

  private func send(_ bytes: Span<UInt8>, _ moreFollows: Bool) throws(SystemError) -> Transfer {
    do { return try .send(to: number, from: bytes, moreFollows: moreFollows) } catch {
      throw SystemError(.send(to: "\(remote)"), error)
    }
  }

  /// Sends a piece of a file inside the kernel or, where the file does not support that, through the buffer.
  private func send(
    _ file: SharedFile, at start: Int, count: Int, _ scratch: inout [UInt8]
  ) throws(SystemError) -> Transfer {
    if !usesBuffer {
      do {
        return try .sendfile(from: file.number, at: start, to: number, count: min(count, Self.fileStep))
      } catch {
        guard error.meansUnsupported else {
          throw SystemError(error.isOfConnection ? .send(to: "\(remote)") : Self.readingFile, error)
        }
        usesBuffer = true
      }
    }
    var buffer = scratch.mutableSpan
    let read: Transfer
    do { read = try .read(from: file.number, at: start, into: &buffer, atMost: count) } catch {
      throw SystemError(Self.readingFile, error)
    }
    guard case .moved(let size) = read else { return .endOfStream }
    return try send(scratch.span.extracting(first: size), false)
  }

  private func linger(_ scratch: inout [UInt8]) throws(SystemError) -> Step {
    if lingerEnd == nil {
      try throwHiddenReset()
      try socket.shutdownSending()
      endCheck.didHalfClose()
      lingerEnd = .after(Self.lingerTime)
    }
    guard try receiveBytes(&scratch) == .endOfStream else {
      // A client that goes on sending is not listened to for longer.
      return lingerEnd?.hasPassed == true ? .over(.orderly) : .await(.readable)
    }
    // Behind a half-close only what is not acknowledged tells a reset from an end.
    if let info = TCPInformation(of: number), info.isClosed, info.acknowledged < sent {
      throw SystemError(.send(to: "\(remote)"), .connectionReset)
    }
    return .over(.orderly)
  }

  private func receiveBytes(_ scratch: inout [UInt8]) throws(SystemError) -> Transfer {
    var buffer = scratch.mutableSpan
    do { return try .receive(from: number, into: &buffer) } catch {
      throw SystemError(.receive(from: "\(remote)"), error)
    }
  }
}
