// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// Parses a form in the format `multipart/form-data` (RFC 7578), in pieces of any size; the result does not depend on
/// the pieces. No more than the header of one part is in memory.
package struct MultipartParser {
  /// The event at which parsing stops.
  package enum Event: Equatable {
    /// The end of the available bytes.
    case wantsMore
    /// The end of the header of a part: the file name, or `nil` for a field that is no file.
    case part(fileName: [UInt8]?)
    /// Content of the part, which these bytes are.
    case content(Range<Int>)
    /// Content of the part: as many first bytes of a delimiter, which turned out not to be one.
    case prefix(Int)
    /// The end of the part.
    case partEnd
  }

  private enum Stage {
    /// Before the first delimiter.
    case preamble
    case delimiterEnd
    case header
    case content
    /// Behind the last delimiter.
    case epilogue
  }

  /// The maximum number of bytes in the header of a part.
  private static let mostHeaderBytes = 4096
  /// The maximum number of parts, each of which may be a file.
  private static let mostParts = 1000
  /// The first bytes of the delimiter, which are not required at the start of the form.
  private static let lineEnd = 2

  /// What ends a part: CR LF, two hyphens and the boundary. No byte of it but the first is a carriage return, so that a
  /// failed match can begin again with the current byte only.
  package let delimiter: [UInt8]
  private var stage = Stage.preamble
  /// The number of bytes of the delimiter that were read.
  private var matched = MultipartParser.lineEnd
  private var lines = HTTPLineReader()
  private var headerBytes = 0
  private var disposition: HTTPParameters?
  /// What was read behind a delimiter.
  private var ending: [UInt8] = []
  private var parts = 0

  /// Starts with the value of `Content-Type`.
  ///
  /// - Throws: 415 for another type, and 400 for one without a valid boundary.
  package init(contentType: [UInt8]?) throws(HTTPError) {
    guard let type = contentType.flatMap(HTTPParameters.init), type.value.equals("multipart/form-data") else {
      throw HTTPError(.unsupportedMediaType, "files are posted as multipart/form-data")
    }
    guard let boundary = type["boundary"], (1...70).contains(boundary.count),
      boundary.allSatisfy(Self.isOfBoundary), boundary.last != UInt8(ascii: " ")
    else { throw .malformed("the form has no boundary") }
    delimiter = Array("\r\n--".utf8) + boundary
  }

  /// Whether the last delimiter was read.
  package var isComplete: Bool {
    if case .epilogue = stage { true } else { false }
  }

  /// Reads bytes from an index on, up to the next event, and advances the index.
  package mutating func next(_ bytes: Span<UInt8>, from index: inout Int) throws(HTTPError) -> Event {
    while true {
      switch stage {
      case .preamble, .content:
        if let event = try readContent(bytes, from: &index) { return event }
      case .delimiterEnd:
        guard try readDelimiterEnd(bytes, from: &index) else { return .wantsMore }
      case .header:
        let room = max(0, Self.mostHeaderBytes - headerBytes)
        guard try lines.read(bytes, from: &index, limit: room, excess: .badRequest) else { return .wantsMore }
        if let event = try takeLine() { return event }
      case .epilogue:
        index = bytes.count
        return .wantsMore
      }
    }
  }

  /// Reads content up to a delimiter; `nil` where the preamble ends.
  private mutating func readContent(
    _ bytes: Span<UInt8>, from index: inout Int
  ) throws(HTTPError) -> Event? {
    let isPreamble = if case .preamble = stage { true } else { false }
    while index < bytes.count {
      if matched == 0 {
        let start = index
        while index < bytes.count, bytes[index] != delimiter[0] { index += 1 }
        if index > start, !isPreamble { return .content(start..<index) }
        guard index < bytes.count else { break }
      }
      guard bytes[index] == delimiter[matched] else {
        let failed = matched
        matched = 0
        if !isPreamble { return .prefix(failed) }
        continue
      }
      matched += 1
      index += 1
      guard matched == delimiter.count else { continue }
      matched = 0
      stage = .delimiterEnd
      return isPreamble ? nil : .partEnd
    }
    return .wantsMore
  }

  /// Reads what follows a delimiter: blanks and a line end before another part, or two hyphens.
  private mutating func readDelimiterEnd(
    _ bytes: Span<UInt8>, from index: inout Int
  ) throws(HTTPError) -> Bool {
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if ending.isEmpty, byte.isBlank { continue }
      ending.append(byte)
      guard ending.count == 2 else { continue }
      defer { ending = [] }
      if ending.elementsEqual("--".utf8) {
        stage = .epilogue
      } else if ending.elementsEqual("\r\n".utf8) {
        try beginPart()
      } else {
        throw .malformed("the boundary of the form is followed by something else")
      }
      return true
    }
    return false
  }

  private mutating func beginPart() throws(HTTPError) {
    parts += 1
    guard parts <= Self.mostParts else {
      throw HTTPError(.contentTooLarge, "more than \(Self.mostParts) parts in a form")
    }
    stage = .header
    headerBytes = 0
    disposition = nil
  }

  /// Takes a line of a part's header; an event if it was the empty one at the end.
  private mutating func takeLine() throws(HTTPError) -> Event? {
    defer { lines.clear() }
    let line = lines.line
    headerBytes += line.count + 2
    guard line.isEmpty else {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")), HTTPToken.isToken(line[..<colon]) else {
        throw .malformed("a part of the form has an invalid header field")
      }
      guard line[..<colon].equals("content-disposition") else { return nil }
      guard disposition == nil, let parsed = HTTPParameters(Array(line[(colon + 1)...])) else {
        throw .malformed("the Content-Disposition of a part is invalid or repeated")
      }
      disposition = parsed
      return nil
    }
    guard let disposition, disposition.value.equals("form-data") else {
      throw .malformed("a part of the form has no Content-Disposition: form-data")
    }
    stage = .content
    return .part(fileName: disposition["filename"].map(Self.decoded))
  }

  /// Browsers encode a quote in a file name (WHATWG HTML, section 4.10.21.8); of what they encode, a file name on a
  /// server may have nothing else.
  private static func decoded(_ name: [UInt8]) -> [UInt8] {
    var (rest, result) = (name[...], [UInt8]())
    while let byte = rest.popFirst() {
      let isQuote = byte == UInt8(ascii: "%") && rest.prefix(2).elementsEqual("22".utf8)
      result.append(isQuote ? UInt8(ascii: "\"") : byte)
      if isQuote { rest = rest.dropFirst(2) }
    }
    return result
  }

  /// RFC 2046, section 5.1.1.
  private static func isOfBoundary(_ byte: UInt8) -> Bool {
    byte.isDigit || byte.isLetter || "'()+_,-./:=? ".utf8.contains(byte)
  }
}
