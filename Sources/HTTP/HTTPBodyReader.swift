// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// Finds the content of a request's body, and its end.
struct HTTPBodyReader {
  /// What was read.
  enum Step: Equatable {
    /// All bytes; the body is not complete.
    case wantsMore
    /// Content, which these bytes are.
    case content(Range<Int>)
    /// The rest of the body.
    case complete
  }

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
  /// The maximum number of bytes of the body, as they are sent.
  private let most: Int
  private var taken = 0
  private var trailer = HTTPFieldTally()

  /// Starts after a header.
  ///
  /// - Parameter most: The maximum number of bytes of the body, as they are sent.
  init(_ framing: HTTPFraming, atMost most: Int, limits: HTTPLimits) throws(HTTPError) {
    self.limits = limits
    self.most = most
    switch framing {
    case .none: stage = .finished
    case .length(let count):
      guard count <= most else { throw Self.tooLarge(most) }
      stage = .plain(left: count)
    case .chunked: stage = .chunkLine
    }
  }

  /// Reads bytes from an index on, up to the end of content that lies together, and advances the index.
  mutating func read(_ bytes: Span<UInt8>, from index: inout Int) throws(HTTPError) -> Step {
    while true {
      let start = index
      switch stage {
      case .finished: return .complete
      case .plain(let left):
        guard index < bytes.count else { return .wantsMore }
        index += min(left, bytes.count - index)
        stage = index - start < left ? .plain(left: left - (index - start)) : .finished
        return .content(start..<index)
      case .chunk(let left):
        guard index < bytes.count else { return .wantsMore }
        index += min(left, bytes.count - index)
        try count(index - start)
        stage = index - start < left ? .chunk(left: left - (index - start)) : .chunkEnd
        return .content(start..<index)
      case .chunkLine:
        guard let line = try readLine(bytes, &index, limit: limits.chunkLine) else { return .wantsMore }
        let size = try HTTPChunkLine.size(line)
        guard size <= most - taken else { throw Self.tooLarge(most) }
        stage = size == 0 ? .trailer : .chunk(left: size)
      case .chunkEnd:
        guard let line = try readLine(bytes, &index, limit: 0) else { return .wantsMore }
        precondition(line.isEmpty)
        stage = .chunkLine
      case .trailer:
        guard try lines.read(bytes, from: &index, limit: trailer.room(limits), excess: .headerTooLarge) else {
          return .wantsMore
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
      throw .malformed("no line with a length between two chunks")
    }
    guard isComplete else { return nil }
    defer { lines.clear() }
    try count(lines.line.count + 2)
    return lines.line
  }

  private mutating func count(_ bytes: Int) throws(HTTPError) {
    taken += bytes
    guard taken <= most else { throw Self.tooLarge(most) }
  }

  private static func tooLarge(_ most: Int) -> HTTPError {
    HTTPError(.contentTooLarge, "a body of more than \(most) bytes")
  }
}

/// The line before a chunk: its length, and extensions, which are ignored (RFC 9112, section 7.1).
enum HTTPChunkLine {
  /// The length given in a line, in bytes, at most `Int.max`.
  static func size(_ line: [UInt8]) throws(HTTPError) -> Int {
    let digits = line.prefix { $0.hexadecimalValue != nil }
    guard !digits.isEmpty, areExtensions(line[digits.endIndex...]) else {
      throw .malformed("the length of a chunk is not a number")
    }
    var size = 0
    for digit in digits.compactMap(\.hexadecimalValue) {
      guard size <= Int.max >> 4 else { return .max }
      size = size << 4 | Int(digit)
    }
    return size
  }

  /// Whether bytes are a sequence of `;name` and `;name=value`, where a value may be quoted.
  private static func areExtensions(_ bytes: ArraySlice<UInt8>) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      rest = rest.drop(while: \.isBlank)
      guard rest.popFirst() == UInt8(ascii: ";") else { return false }
      guard takeWord(&rest) else { return false }
      let value = rest.drop(while: \.isBlank)
      guard value.first == UInt8(ascii: "=") else { continue }
      rest = value.dropFirst().drop(while: \.isBlank)
      guard rest.first == UInt8(ascii: "\"") ? takeQuoted(&rest) : takeWord(&rest) else { return false }
    }
    return true
  }

  private static func takeWord(_ rest: inout ArraySlice<UInt8>) -> Bool {
    rest = rest.drop(while: \.isBlank)
    let word = rest.prefix { HTTPToken.isToken(CollectionOfOne($0)) }
    rest = rest[word.endIndex...]
    return !word.isEmpty
  }

  private static func takeQuoted(_ rest: inout ArraySlice<UInt8>) -> Bool {
    _ = rest.popFirst()
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\"") { return true }
      if byte == UInt8(ascii: "\\"), rest.popFirst() == nil { return false }
    }
    return false
  }
}
