// SPDX-License-Identifier: GPL-3.0-or-later

/// Finds the end of a request's body, and discards the body: no accepted request needs one.
struct HTTPBodyReader {
  private enum Stage {
    case plain(left: Int)
    case chunkLine
    case chunk(left: Int)
    case chunkEnd
    case trailer
    case finished
  }

  private let limits: HTTPLimits
  private var stage: Stage
  private var lines = HTTPLineReader()
  private var taken = 0
  private var trailer = HTTPFieldTally()

  /// Starts after a header.
  init(_ framing: HTTPFraming, limits: HTTPLimits) throws(HTTPError) {
    self.limits = limits
    switch framing {
    case .none: stage = .finished
    case .length(let count):
      guard count <= limits.body else { throw Self.tooLarge(limits) }
      stage = .plain(left: count)
    case .chunked: stage = .chunkLine
    }
  }

  /// Reads bytes from an index on, and advances the index.
  ///
  /// - Returns: Whether the body is complete; if not, all bytes were read.
  mutating func read(_ bytes: Span<UInt8>, from index: inout Int) throws(HTTPError) -> Bool {
    while true {
      let start = index
      switch stage {
      case .finished: return true
      case .plain(let left):
        guard index < bytes.count else { return false }
        index += min(left, bytes.count - index)
        stage = index - start < left ? .plain(left: left - (index - start)) : .finished
      case .chunk(let left):
        guard index < bytes.count else { return false }
        index += min(left, bytes.count - index)
        try count(index - start)
        stage = index - start < left ? .chunk(left: left - (index - start)) : .chunkEnd
      case .chunkLine:
        guard let line = try readLine(bytes, &index, limit: limits.chunkLine) else { return false }
        let size = try HTTPChunkLine.size(line)
        guard size <= limits.body - taken else { throw Self.tooLarge(limits) }
        stage = size == 0 ? .trailer : .chunk(left: size)
      case .chunkEnd:
        guard let line = try readLine(bytes, &index, limit: 0) else { return false }
        precondition(line.isEmpty)
        stage = .chunkLine
      case .trailer:
        guard try lines.read(bytes, from: &index, limit: trailer.room(limits), excess: .headerTooLarge) else {
          return false
        }
        try takeTrailer()
      }
    }
  }

  private mutating func takeTrailer() throws(HTTPError) {
    defer { lines.clear() }
    guard !lines.line.isEmpty else { return stage = .finished }
    try trailer.count(lines.line, limits)
    // Validated like any other field, and then ignored.
    var ignored = HTTPFields()
    try ignored.add(lines.line)
  }

  /// A line between chunks, which counts as part of the body; `nil` if it is incomplete.
  private mutating func readLine(
    _ bytes: Span<UInt8>, _ index: inout Int, limit: Int
  ) throws(HTTPError) -> [UInt8]? {
    let isComplete: Bool
    do {
      isComplete = try lines.read(bytes, from: &index, limit: limit, excess: .badRequest)
    } catch {
      throw .malformed("what is between two chunks is not a line with a length")
    }
    guard isComplete else { return nil }
    defer { lines.clear() }
    try count(lines.line.count + 2)
    return lines.line
  }

  private mutating func count(_ bytes: Int) throws(HTTPError) {
    taken += bytes
    guard taken <= limits.body else { throw Self.tooLarge(limits) }
  }

  private static func tooLarge(_ limits: HTTPLimits) -> HTTPError {
    HTTPError(.contentTooLarge, "a body of more than \(limits.body) bytes")
  }
}
