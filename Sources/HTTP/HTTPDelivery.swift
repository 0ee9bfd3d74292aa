// SPDX-License-Identifier: GPL-3.0-or-later

import Services
import Sockets
import Synchronization
import SystemPackage

/// Writes one answer: the properties of the request and the connection that determine its form.
struct HTTPDelivery: Sendable {
  /// The client.
  let client: Address
  /// The request line; `nil` if it is incomplete, or was refused.
  let line: HTTPRequestLine?
  /// Whether the body is sent too, as for every method except HEAD.
  let hasBody: Bool
  /// The value of `Connection`; `nil` leaves it out.
  let connection: String?
  /// Further lines of the header, each with its end.
  let added: String
  /// When the request began; `nil` if none did.
  let start: Deadline?

  /// Appends the answer to a reply.
  ///
  /// - Returns: The log entry to complete once the answer is sent.
  func write(_ response: HTTPResponse, to reply: inout Response) -> HTTPUnloggedAnswer {
    let bytes = response.write(
      to: &reply, hasBody: hasBody, connection: connection, isChunked: line?.isHTTP11 ?? false, added: added)
    let access = AccessLogEntry(
      client: client, method: line?.method.name, target: line?.target.text,
      status: response.status.rawValue, bytes: bytes, duration: .zero)
    return HTTPUnloggedAnswer(access: access, start: start, end: reply.count)
  }
}

/// An answer in a reply that is being sent; it is logged once it is known how much of it was sent, and when.
struct HTTPUnloggedAnswer: Sendable {
  /// The log entry, as if all of the answer were sent at once.
  let access: AccessLogEntry
  /// When the request began; `nil` if there was none.
  let start: Deadline?
  /// The length of the reply up to the end of this answer, in bytes.
  var end: Int

  /// Completes the log entry.
  ///
  /// - Parameter count: The number of bytes of the reply that were sent.
  func access(sent count: Int) -> AccessLogEntry {
    var access = access
    access.bytes = min(access.bytes, max(0, count - (end - access.bytes)))
    access.duration = start.map { $0.duration(until: .now) } ?? .zero
    return access
  }
}

/// An answer whose body is produced in steps while it is sent.
final class HTTPStreamedAnswer {
  private let stream: any HTTPBodyStream
  private let isChunked: Bool
  private let answer: HTTPUnloggedAnswer
  private var bytes = 0
  /// The number of bytes of the step that is being sent, without the lines around a chunk.
  private var step = 0
  /// Begins behind the header.
  ///
  /// - Parameter isChunked: Whether each step is a chunk (RFC 9112, section 7.1).
  init(_ stream: any HTTPBodyStream, isChunked: Bool, _ answer: HTTPUnloggedAnswer) {
    self.stream = stream
    self.isChunked = isChunked
    self.answer = answer
  }

  /// Appends the next step to a reply, or the end of the body.
  ///
  /// - Returns: Whether the body goes on.
  /// - Throws: The error because of which the rest of it cannot be produced.
  func proceed(_ reply: inout Response) throws(Errno) -> Bool {
    guard let parts = try stream.next() else {
      if isChunked { reply.append(Array("0\r\n\r\n".utf8)) }
      return false
    }
    step = parts.reduce(0) { $0 + $1.count }
    guard step > 0 else { return true }
    if isChunked { reply.append(Array("\(String(step, radix: 16))\r\n".utf8)) }
    for part in parts { reply.append(part) }
    if isChunked { reply.append(Array("\r\n".utf8)) }
    return true
  }

  /// Notes how much of the step was sent.
  func stepSent(_ count: Int) {
    bytes += min(count, step)
    step = 0
  }

  /// The log entry, with the bytes of the body that were sent.
  var access: AccessLogEntry {
    var access = answer.access(sent: .max)
    access.bytes = bytes
    return access
  }
}

/// The log entry of an answer that another thread produces, once it is produced.
final class HTTPLateAnswer: Sendable {
  private let start: Int
  private let made = Guarded<HTTPUnloggedAnswer?>(nil)

  /// - Parameter start: The number of bytes before it in the reply.
  init(after start: Int) { self.start = start }

  /// Notes the produced answer; its end is that of a reply without other answers.
  func note(_ answer: HTTPUnloggedAnswer) {
    made.withLock { [start] in
      $0 = answer
      $0?.end += start
    }
  }

  /// The log entry; `nil` until the answer is produced.
  var answer: HTTPUnloggedAnswer? { made.withLock { $0 } }
}
