// SPDX-License-Identifier: GPL-3.0-or-later

/// Reads requests from a connection, in whatever pieces they arrive; the same bytes mean the same in all of them.
struct HTTPRequestParser {
  /// What has been reached.
  enum Event: Equatable {
    /// The end of the bytes.
    case wantsMore
    /// The end of the header of `request`.
    case header
    /// The end of the body of `request`.
    case body
  }

  private enum Stage {
    case requestLine
    case fields
    case body
  }

  private let limits: HTTPLimits
  private var stage = Stage.requestLine
  private var lines = HTTPLineReader()
  private var hasSkippedLine = false
  private var fields = HTTPFields()
  private var tally = HTTPFieldTally()
  private var body: HTTPBodyReader?
  /// The first line of the request under way, once it is complete.
  private(set) var requestLine: HTTPRequestLine?
  /// The request under way, once its header is complete, or the one whose end was reached.
  private(set) var request: HTTPRequest?

  /// Begins with the first request of a connection.
  init(limits: HTTPLimits) { self.limits = limits }

  /// Whether nothing of a next request has come.
  var isBetweenRequests: Bool {
    if case .requestLine = stage { lines.isEmpty } else { false }
  }

  /// Whether the header of a request is complete, and its body is not.
  var isInBody: Bool {
    if case .body = stage { true } else { false }
  }

  /// Whether the request under way, or the one whose end was reached, is a HEAD as far as it has come: its answer has
  /// no body, even if the rest of its line is refused.
  var isHead: Bool {
    (request?.line ?? requestLine).map { $0.method == .head } ?? lines.line.starts(with: "HEAD ".utf8)
  }

  /// Takes bytes from an index on, which moves along, up to the next event.
  mutating func next(_ bytes: Span<UInt8>, from index: inout Int) throws(HTTPError) -> Event {
    while true {
      switch stage {
      case .requestLine:
        // What goes wrong from here on is not about the request before.
        request = nil
        guard try lines.read(bytes, from: &index, limit: limits.requestLine, excess: .targetTooLong) else {
          return .wantsMore
        }
        try takeRequestLine()
      case .fields:
        guard try lines.read(bytes, from: &index, limit: tally.room(limits), excess: .headerTooLarge) else {
          return .wantsMore
        }
        if try takeField() { return .header }
      case .body:
        guard try body?.read(bytes, from: &index) ?? true else { return .wantsMore }
        stage = .requestLine
        requestLine = nil
        return .body
      }
    }
  }

  private mutating func takeRequestLine() throws(HTTPError) {
    if lines.line.isEmpty, !hasSkippedLine {
      // Old clients end a body with a line that does not belong to it.
      hasSkippedLine = true
      return lines.clear()
    }
    requestLine = try HTTPRequestLine(lines.line)
    lines.clear()
    fields = HTTPFields()
    tally = HTTPFieldTally()
    stage = .fields
  }

  /// Takes a line of the header; `true` if it was the last, the empty one.
  private mutating func takeField() throws(HTTPError) -> Bool {
    defer { lines.clear() }
    guard lines.line.isEmpty, let requestLine else {
      try tally.count(lines.line, limits)
      try fields.add(lines.line)
      return false
    }
    let request = try HTTPRequest(requestLine, fields)
    body = try HTTPBodyReader(request.framing, limits: limits)
    self.request = request
    hasSkippedLine = false
    stage = .body
    return true
  }
}
