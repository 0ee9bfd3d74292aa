// SPDX-License-Identifier: GPL-3.0-or-later

package import Services
package import Sockets
import SystemPackage
import Text

/// The requests of one client and their answers, in order.
package final class HTTPSession: ServiceSession {
  private let client: Address
  private let responder: HTTPResponder
  private let limits: HTTPLimits
  private let log: @Sendable (AccessLogEntry) -> Void
  private var parser: HTTPRequestParser
  private var backlog: [UInt8] = []
  private var start: Deadline?
  private var isOver = false
  /// The verification that the current request waits for.
  private var authorization: UserVerification?
  /// What happens to the body of the current request.
  private var reception = HTTPReception.discarded
  /// When the body of the current request began.
  private var bodyStart = Deadline.never
  /// The number of bytes of it that were stored.
  private var stored = 0
  /// The answers in the reply that is being sent.
  private var unlogged: [HTTPUnloggedAnswer] = []
  /// The answer whose body is produced while it is sent.
  private var streamed: HTTPStreamedAnswer?
  /// The last answer of that reply, if another thread produces it.
  private var late: HTTPLateAnswer?
  /// The deadline of the header or the body of the current request; `never` between requests.
  package private(set) var deadline = Deadline.never

  /// Starts a session.
  init(
    with client: Address, about responder: HTTPResponder, limits: HTTPLimits,
    log: @escaping @Sendable (AccessLogEntry) -> Void
  ) {
    self.client = client
    self.responder = responder
    self.limits = limits
    self.log = log
    parser = HTTPRequestParser(limits: limits)
  }

  /// Whether requests wait until the answers before them have been sent, a verification is performed, or the rest of an
  /// answer is still to be produced.
  package var hasBacklog: Bool { !backlog.isEmpty || authorization != nil || streamed != nil }

  /// Whether the last request is answered and no other has begun (RFC 9112, section 9.6: the server may close).
  package var isBetweenRequests: Bool { backlog.isEmpty && streamed == nil && parser.isBetweenRequests }

  /// Processes parts of requests, and answers complete requests.
  package func receive(_ bytes: Span<UInt8>, reply: inout Response) {
    guard streamed == nil else {
      backlog.append(copying: bytes)
      return proceedWithBody(&reply)
    }
    guard !isOver else { return }
    if backlog.isEmpty {
      process(bytes, reply: &reply)
    } else {
      backlog.append(copying: bytes)
      let pending = backlog
      backlog = []
      process(pending.span, reply: &reply)
    }
    if isOver || parser.isBetweenRequests {
      start = nil
      deadline = .never
    }
  }

  /// Restarts the time of a partial request: while the previous answer was sent, no more of it could be read.
  package func replySent() {
    logAnswers(sent: .max)
    streamed?.stepSent(.max)
    guard !isOver, !hasBacklog, !parser.isBetweenRequests else { return }
    deadline = parser.isInBody ? .after(limits.bodyTime) : limits.headerDeadline
  }

  /// Logs the answers with the numbers of bytes that were sent.
  package func replyCutOff(after count: Int) {
    logAnswers(sent: count)
    guard let answer = streamed.take() else { return }
    answer.stepSent(count)
    log(answer.access)
  }

  private func logAnswers(sent count: Int) {
    if let answer = late?.answer { unlogged.append(answer) }
    late = nil
    for answer in unlogged { log(answer.access(sent: count)) }
    unlogged.removeAll(keepingCapacity: true)
  }

  /// Answers an incomplete request with an error, so that a client typed by hand shows what is missing.
  package func clientFinished(reply: inout Response) {
    guard !isOver, !parser.isBetweenRequests else { return }
    fail(.malformed("the request is not complete"), reply: &reply)
  }

  /// Answers a request that takes too long to arrive.
  package func deadlinePassed(reply: inout Response) {
    guard !isOver else { return }
    fail(HTTPError(.requestTimeout, "the request did not arrive in time"), reply: &reply)
  }

  private func process(_ bytes: Span<UInt8>, reply: inout Response) {
    var index = 0
    var answers = 0
    do throws(HTTPError) {
      try takeAuthorization(reply: &reply)
      while !isOver {
        guard !mustWait(after: answers, reply) else {
          backlog = unsafe bytes.extracting(index...).withUnsafeBufferPointer { unsafe Array($0) }
          return
        }
        if parser.isBetweenRequests {
          guard index < bytes.count else { return }
          begin()
        }
        switch try parser.next(bytes, from: &index) {
        case .wantsMore: return
        case .header: try takeHeader(reply: &reply)
        case .content(let range): try takeContent(bytes.extracting(range))
        case .body:
          answers += 1
          takeBody(reply: &reply)
        }
      }
    } catch {
      // The reason of the refusal matters more than the size of the body, which is not read.
      if case .refused(let refusal) = reception, error.status == .contentTooLarge {
        isOver = true
        return send(refusal, reply: &reply)
      }
      fail(error, reply: &reply)
    }
  }

  /// Whether the next bytes are read once the reply has been sent.
  private func mustWait(after answers: Int, _ reply: borrowing Response) -> Bool {
    guard reply.work == nil, streamed == nil else { return true }
    return parser.isBetweenRequests
      && (answers == limits.answersPerReply || reply.bytesInMemory > limits.bytesPerReply || reply.hasFile)
  }

  private func begin() {
    start = .now
    deadline = limits.headerDeadline
  }

  private func takeHeader(reply: inout Response) throws(HTTPError) {
    guard let request = parser.request else { return }
    switch responder.admission(of: request) {
    case .granted: try beginBody(responder.reception(of: request), reply: &reply)
    case .refused: try beginBody(.refused(responder.demand), reply: &reply)
    case .unknown(let authorization):
      self.authorization = authorization
      deadline = .never
      reply.append(
        LongWork {
          authorization.perform()
          return []
        })
    }
  }

  /// Continues with a request whose credentials have been verified.
  private func takeAuthorization(reply: inout Response) throws(HTTPError) {
    guard let authorization = authorization.take(), let request = parser.request else { return }
    let isGranted = authorization.isGranted == true
    try beginBody(isGranted ? responder.reception(of: request) : .refused(responder.demand), reply: &reply)
  }

  /// Sends `100 Continue` to a client that waits before it sends its body, or refuses the request without the body.
  private func beginBody(_ reception: HTTPReception, reply: inout Response) throws(HTTPError) {
    guard let request = parser.request else { return }
    self.reception = reception
    if request.framing != .none {
      (bodyStart, stored) = (.now, 0)
      deadline = bodyStart + limits.bodyTime
    }
    if case .refused(let refusal) = reception, request.awaitsContinue {
      isOver = true
      return send(refusal, reply: &reply)
    }
    var most = limits.body
    if case .upload(_, let uploadLimit) = reception { most = uploadLimit }
    try parser.beginBody(atMost: most)
    if request.awaitsContinue { reply.append(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) }
  }

  /// Stores a part of an upload, and extends its time.
  private func takeContent(_ bytes: Span<UInt8>) throws(HTTPError) {
    guard case .upload(let upload, _) = reception else { return }
    try upload.receive(bytes)
    stored += bytes.count
    let end = bodyStart + limits.bodyTime + .seconds(stored / limits.uploadRate)
    deadline = min(end, .after(limits.bodyTime))
  }

  private func takeBody(reply: inout Response) {
    guard let request = parser.request else { return }
    isOver = !request.isPersistent
    switch reception {
    case .refused(let refusal): send(refusal, reply: &reply)
    case .discarded: answer(request, reply: &reply)
    case .upload(let upload, _):
      do throws(HTTPError) { send(try upload.finish(), reply: &reply) } catch {
        send(HTTPResponse(error), reply: &reply)
      }
    }
  }

  private func answer(_ request: HTTPRequest, reply: inout Response) {
    switch responder.answer(to: request) {
    case .ready(let response):
      // Without chunks, the end of the connection is the end of the body.
      if response.stream != nil, !request.line.isHTTP11 { isOver = true }
      send(response, reply: &reply)
    case .later(let make):
      let (delivery, answer) = (delivery, HTTPLateAnswer(after: reply.count))
      late = answer
      reply.append(
        LongWork {
          var made = Response()
          answer.note(delivery.write(make(), to: &made))
          return made.parts
        })
      finish(&reply)
    }
  }

  private func fail(_ problem: HTTPError, reply: inout Response) {
    isOver = true
    send(HTTPResponse(problem), reply: &reply)
  }

  private func send(_ response: HTTPResponse, reply: inout Response) {
    let delivery = delivery
    let answer = delivery.write(response, to: &reply)
    guard let stream = response.stream, delivery.hasBody else {
      unlogged.append(answer)
      return finish(&reply)
    }
    let isChunked = delivery.line?.isHTTP11 ?? false
    streamed = HTTPStreamedAnswer(stream, isChunked: isChunked, answer)
    (start, deadline, reception) = (nil, .never, .discarded)
  }

  /// Produces the next part of a body.
  private func proceedWithBody(_ reply: inout Response) {
    do throws(Errno) {
      guard try streamed?.proceed(&reply) == false else { return }
    } catch {
      return reply.breakOff(because: IOFailure(.read("a directory that is being sent"), error))
    }
    if let answer = streamed.take() { log(answer.access) }
    finish(&reply)
  }

  private func finish(_ reply: inout Response) {
    if isOver {
      deadline = .never
      reply.endSession()
    }
    start = nil
    // Of an upload that was not finished, nothing is left.
    reception = .discarded
  }

  /// The form of the answer to the current request.
  private var delivery: HTTPDelivery {
    let line = parser.request?.line ?? parser.requestLine
    let isKeptAlive = !isOver && line?.isHTTP11 == false
    return HTTPDelivery(
      client: client, line: line, hasBody: !parser.isHead,
      connection: isOver ? "close" : isKeptAlive ? "keep-alive" : nil, added: responder.addedLines,
      start: start)
  }
}
