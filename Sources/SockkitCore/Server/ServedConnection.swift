// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// One client's connection: moves bytes between its socket and its conversation, and never waits.
///
/// Nothing is received while there is something to send, so that a client that does not read costs one reply.
final class ServedConnection<Talk: Conversation> {
  /// What has to happen next.
  enum Step: Equatable {
    /// The socket has to become ready for this.
    case await(Readiness)
    /// This has to be performed, wherever it keeps nobody waiting; no byte goes either way meanwhile.
    case perform(LongWork)
    /// It is over, in order or because of an error.
    case over(SystemError?)
  }

  private let socket: StreamSocket
  private var talk: Talk
  private var reply = Reply()
  private var part = 0
  private var offset = 0
  private var hasClientFinished = false
  private var lingerEnd: Deadline?
  /// Whether the server is to stop: nothing more is waited for once the client is owed nothing.
  var isLast = false
  /// When it began, and when the last byte went either way.
  let began: Deadline
  private(set) var lastActivity: Deadline
  private(set) var sent = 0
  private(set) var received = 0

  /// How long replies of a backlog are made and sent before it is another connection's turn.
  private static var turn: Duration { .milliseconds(1) }
  /// How long is read and thrown away after the last reply: a socket that is closed with bytes
  /// unread resets the connection, and the reply could be lost with it.
  private static var lingerTime: Duration { .seconds(2) }

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
    return isDone ? endInOrder() : step
  }

  /// Ends a connection on which nothing is left to be sent.
  private func endInOrder() -> Step {
    do { try socket.allowOrderlyClose() } catch { return .over(error) }
    return .over(nil)
  }

  private func move(_ scratch: inout [UInt8], at now: Deadline) -> Step {
    do {
      if lingerEnd == nil, !isReplying, !talk.hasBacklog {
        guard try receive(&scratch, at: now) else { return .await(.readable) }
      }
      var turnEnd: Deadline?
      while true {
        guard try sendReply(at: now) else { return .await(.writable) }
        if let work = reply.work {
          guard reply.takeWork() else { return .perform(work) }
          lastActivity = now
          continue
        }
        if reply.endsConversation { return hasClientFinished ? endInOrder() : try linger(&scratch) }
        if !reply.parts.isEmpty, !talk.hasBacklog { talk.replySent() }
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
      return .over(error)
    }
  }

  /// Tells the conversation of its deadline, or ends an idle connection.
  func deadlinePassed(_ scratch: inout [UInt8], at now: Deadline) -> Step {
    guard lingerEnd == nil, !isReplying, talk.deadline <= now else {
      return isReplying || talk.hasBacklog ? .over(nil) : endInOrder()
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
      hasClientFinished = true
      talk.clientFinished(reply: &reply)
    case .wouldBlock: return false
    }
    return true
  }

  /// - Returns: Whether all of the reply is sent.
  private func sendReply(at now: Deadline) throws(SystemError) -> Bool {
    while part < reply.parts.count {
      guard let (count, isWhole) = try sendPart() else { return false }
      sent += count
      lastActivity = now
      // The socket is full: to try again would only be to be told so.
      guard isWhole else {
        offset += count
        return false
      }
      offset = 0
      part += 1
    }
    return true
  }

  /// - Returns: How many bytes were sent, and whether the part is sent now; `nil` if the socket would block.
  private func sendPart() throws(SystemError) -> (count: Int, isWhole: Bool)? {
    let result: Transfer
    let size: Int
    do {
      switch reply.parts[part] {
      case .bytes(let bytes):
        size = bytes.count
        // The head of an answer and its body share a packet.
        result = try .send(
          to: number, from: bytes.span.extracting(offset...), moreFollows: part + 1 < reply.parts.count)
      case .file(let file, let start, let count):
        size = count
        result = try .sendfile(from: file.number, at: start + offset, to: number, count: count - offset)
      }
    } catch {
      throw SystemError(.send(to: "\(remote)"), error)
    }
    switch result {
    case .moved(let count): return (count, offset + count == size)
    case .wouldBlock: return nil
    // The file has become shorter than its head said: all that is left to say so is to break off.
    case .endOfStream: throw SystemError(.read("a file that is being sent"), .ioError)
    }
  }

  private func linger(_ scratch: inout [UInt8]) throws(SystemError) -> Step {
    if lingerEnd == nil {
      try socket.shutdownSending()
      lingerEnd = .after(Self.lingerTime)
    }
    let result = try receiveBytes(&scratch)
    return result == .endOfStream ? .over(nil) : .await(.readable)
  }

  private func receiveBytes(_ scratch: inout [UInt8]) throws(SystemError) -> Transfer {
    var buffer = scratch.mutableSpan
    do { return try .receive(from: number, into: &buffer) } catch {
      throw SystemError(.receive(from: "\(remote)"), error)
    }
  }
}
