// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import HTTP
import Services
import Sockets
import Synchronization
import SystemPackage
import Testing

/// One client of the HTTP service, simulated without sockets.
struct HTTPExchange {
  /// The way in which the bytes sent are cut into pieces.
  enum Cut: CaseIterable {
    case nowhere
    case everywhere
    case randomly

    /// The pieces of some bytes.
    func pieces(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
      var rest = bytes[...]
      var pieces: [ArraySlice<UInt8>] = []
      while !rest.isEmpty {
        let size =
          switch self {
          case .nowhere: rest.count
          case .everywhere: 1
          case .randomly: Int.random(in: 1...17)
          }
        pieces.append(rest.prefix(size))
        rest = rest.dropFirst(size)
      }
      return pieces
    }
  }

  /// What a client received.
  struct Outcome: Equatable {
    /// Everything that was sent to it, without the dates.
    var text = ""
    /// Whether the server ended the session.
    var isOver = false
  }

  private final class Log: Sendable {
    let records = Guarded<[AccessLogEntry]>([])
  }

  private let log: Log
  private var session: HTTPSession
  private var outcome = Outcome()

  /// Starts a session that serves some content.
  init(
    _ settings: HTTPSettings = HTTPSettings(), content: HTTPContent = .text(Array("hello".utf8))
  ) {
    let log = Log()
    self.log = log
    let service = HTTPService(content, settings) { record in log.records.withLock { $0.append(record) }
    }
    session = service.makeSession(for: .unnamed)
  }

  /// The log entries.
  var records: [AccessLogEntry] { log.records.withLock { $0 } }

  /// The time by which the client must have sent more.
  var deadline: Deadline { session.deadline }

  /// Sends bytes.
  mutating func send(_ bytes: [UInt8], cut: Cut = .nowhere) {
    for piece in cut.pieces(of: bytes) {
      take { session, reply in session.receive(Array(piece).span, reply: &reply) }
      while session.hasBacklog {
        take { session, reply in session.receive([UInt8]().span, reply: &reply) }
      }
    }
  }

  /// Sends text.
  mutating func send(_ text: String, cut: Cut = .nowhere) { send(Array(text.utf8), cut: cut) }

  /// Stops sending.
  mutating func finish() { take { $0.clientFinished(reply: &$1) } }

  /// Lets the deadline pass.
  mutating func waitTooLong() { take { $0.deadlinePassed(reply: &$1) } }

  /// Takes the output received so far.
  mutating func takeOutcome() -> Outcome {
    defer { outcome = Outcome() }
    return outcome
  }

  private mutating func take(_ body: (inout HTTPSession, inout Response) -> Void) {
    var reply = Response()
    body(&session, &reply)
    reply.work?.perform()
    _ = reply.takeWork()
    outcome.text += String(decoding: Self.bytes(of: reply), as: UTF8.self)
      .split(separator: "\r\n", omittingEmptySubsequences: false)
      .filter { !$0.hasPrefix("Date: ") }.joined(separator: "\r\n")
    if !reply.parts.isEmpty { session.replySent() }
    outcome.isOver = outcome.isOver || reply.endsSession
  }

  /// The bytes of a reply.
  static func bytes(of reply: Response) -> [UInt8] {
    reply.parts.flatMap { part -> [UInt8] in
      switch part {
      case .bytes(let bytes): return bytes
      case .file(let file, let offset, let count):
        var bytes = [UInt8](repeating: 0, count: count)
        let read = unsafe pread(file.descriptor.rawValue, &bytes, count, off_t(offset))
        return Array(bytes.prefix(max(0, read)))
      }
    }
  }

  /// The output for a client that sends one text and then half-closes.
  static func outcome(
    of text: String, from content: HTTPContent = .text(Array("hello".utf8)),
    _ settings: HTTPSettings = HTTPSettings(),
    cut: Cut = .nowhere
  ) -> Outcome {
    var exchange = HTTPExchange(settings, content: content)
    exchange.send(text, cut: cut)
    exchange.finish()
    return exchange.takeOutcome()
  }
}

extension HTTPExchange.Outcome {
  /// The statuses of all answers, read from their status lines.
  var statuses: [Int] {
    text.split(separator: "HTTP/1.1 ", omittingEmptySubsequences: false).dropFirst().compactMap {
      Int($0.prefix(3))
    }
  }

  /// The status of the first answer.
  var status: Int? { statuses.first }

  /// The value of a field of the first answer.
  func field(_ name: String) -> String? {
    let head = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
    let line = head.split(separator: "\r\n").first { $0.hasPrefix("\(name): ") }
    return line.map { String($0.dropFirst(name.count + 2)) }
  }

  /// The text after the first header.
  var body: String {
    let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
    return parts.count == 2 ? String(parts[1]) : ""
  }
}

/// Requests without a body.
func request(
  _ target: String, method: String = "GET", _ fields: String..., version: String = "1.1"
) -> String {
  (["\(method) \(target) HTTP/\(version)", "Host: h"] + fields).joined(separator: "\r\n") + "\r\n\r\n"
}
