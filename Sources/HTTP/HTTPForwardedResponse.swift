// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// The header of an answer as a proxy passes it on to its client: without the fields that concern the connection to the
/// origin server alone, and with the note that the connection ends with the answer.
///
/// An answer that is not one of HTTP is passed on unchanged.
package struct HTTPForwardedResponse: Sendable {
  private var reader = HTTPLineReader()
  /// The bytes of the current header, and its complete lines.
  private var raw: [UInt8] = []
  private var lines: [[UInt8]] = []
  /// Whether what follows is passed on unchanged.
  package private(set) var isComplete = false
  /// Whether the origin server has sent anything.
  package private(set) var hasBegun = false

  /// The maximum number of bytes of a header.
  private static let longest = 64 << 10

  /// Starts before the first byte.
  package init() {}

  /// Reads bytes of the answer, all of them.
  ///
  /// - Parameter output: What is to be passed on is appended to it.
  package mutating func read(_ bytes: Span<UInt8>, _ output: inout [UInt8]) {
    hasBegun = hasBegun || bytes.count > 0
    var index = 0
    while !isComplete, index < bytes.count {
      let start = index
      let isLine: Bool?
      do throws(HTTPError) {
        isLine = try reader.read(bytes, from: &index, limit: Self.longest, excess: .headerTooLarge)
      } catch {
        isLine = nil
      }
      raw.append(copying: bytes.extracting(start..<index))
      guard let isLine, raw.count <= Self.longest, !isLine || take(reader.line, &output) else {
        end(&output)
        break
      }
      if isLine { reader.clear() }
    }
    output.append(copying: bytes.extracting(index..<bytes.count))
  }

  /// Ends an answer that has no complete header.
  ///
  /// - Parameter output: What is to be passed on is appended to it.
  package mutating func end(_ output: inout [UInt8]) {
    output += raw
    raw = []
    isComplete = true
  }

  /// - Returns: Whether the line can belong to the header of an answer.
  private mutating func take(_ line: [UInt8], _ output: inout [UInt8]) -> Bool {
    guard line.isEmpty else {
      let isFirst = lines.isEmpty
      lines.append(line)
      guard !isFirst else { return Self.status(of: line) != nil }
      let name = line.prefix { $0 != UInt8(ascii: ":") }
      return name.count < line.count && HTTPToken.isToken(name)
    }
    guard let first = lines.first, let status = Self.status(of: first) else { return false }
    let isFinal = status >= 200
    var hopByHop = HTTPHopByHop(in: lines)
    hopByHop.named.subtract(["content-length", "transfer-encoding"])
    output += first + [0x0D, 0x0A]
    for line in lines.dropFirst() where !hopByHop.contains(HTTPToken.fieldName(line)) {
      output += line + [0x0D, 0x0A]
    }
    output += (isFinal ? "Via: 1.1 sockkit\r\nConnection: close\r\n\r\n" : "\r\n").utf8
    (raw, lines, isComplete) = ([], [], isFinal)
    return true
  }

  /// The status of the first line of an answer; `nil` if it is not one.
  private static func status(of line: [UInt8]) -> Int? {
    let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
    guard words.count >= 2, words[0].count == 8, words[0].starts(with: "HTTP/1.".utf8),
      words[0].last?.isDigit == true, words[1].count == 3, let status = words[1].decimalClamped, status >= 100
    else { return nil }
    return status
  }
}
