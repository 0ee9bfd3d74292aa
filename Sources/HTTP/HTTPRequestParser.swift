// SPDX-License-Identifier: GPL-3.0-or-later

/// Parses the requests of a connection, in pieces of any size; the result does not depend on the pieces.
struct HTTPRequestParser {
  /// The event at which parsing stops.
  enum Event: Equatable {
    /// The end of the available bytes.
    case wantsMore
    /// The end of the header of `request`.
    case header
    /// A part of the content of the body of `request`, which these bytes are.
    case content(Range<Int>)
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
  /// The request line of the current request, once it is complete.
  private(set) var requestLine: HTTPRequestLine?
  /// The current request, once its header is complete, or the last one, at its end.
  private(set) var request: HTTPRequest?

  /// Starts with the first request of a connection.
  init(limits: HTTPLimits) { self.limits = limits }

  /// Whether no byte of a next request has been read.
  var isBetweenRequests: Bool {
    if case .requestLine = stage { lines.isEmpty } else { false }
  }

  /// Whether the header of a request is complete, but its body is not.
  var isInBody: Bool {
    if case .body = stage { true } else { false }
  }

  /// Whether the current request, or the last one at its end, is a HEAD as far as it has been read: its answer has no
  /// body, even if the rest of its line is refused.
  var isHead: Bool {
    (request?.line ?? requestLine).map { $0.method == .head } ?? lines.line.starts(with: "HEAD ".utf8)
  }

  /// Reads bytes from an index on, up to the next event, and advances the index.
  mutating func next(_ bytes: Span<UInt8>, from index: inout Int) throws(HTTPError) -> Event {
    while true {
      switch stage {
      case .requestLine:
        // An error from here on does not concern the previous request.
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
        switch try body?.read(bytes, from: &index) ?? .complete {
        case .wantsMore: return .wantsMore
        case .content(let range): return .content(range)
        case .complete:
          stage = .requestLine
          requestLine = nil
          body = nil
          return .body
        }
      }
    }
  }

  /// Allows the body of the current request, after its header; without a call, there is none.
  ///
  /// - Parameter most: The maximum number of bytes of the body, as they are sent.
  mutating func beginBody(atMost most: Int) throws(HTTPError) {
    guard let request else { return }
    body = try HTTPBodyReader(request.framing, atMost: most, limits: limits)
  }

  private mutating func takeRequestLine() throws(HTTPError) {
    if lines.line.isEmpty, !hasSkippedLine {
      // Old clients send an extra empty line after a body.
      hasSkippedLine = true
      return lines.clear()
    }
    requestLine = try HTTPRequestLine(lines.line)
    lines.clear()
    fields = HTTPFields()
    tally = HTTPFieldTally()
    stage = .fields
  }

  /// Processes a line of the header; `true` if it was the empty line that ends it.
  private mutating func takeField() throws(HTTPError) -> Bool {
    defer { lines.clear() }
    guard lines.line.isEmpty, let requestLine else {
      try tally.count(lines.line, limits)
      try fields.add(lines.line)
      return false
    }
    request = try HTTPRequest(requestLine, fields)
    hasSkippedLine = false
    stage = .body
    return true
  }
}
