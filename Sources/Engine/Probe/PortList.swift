// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Text

/// A list of ports as a user writes it: numbers, ranges and service names, as in `22,https,8000-8010`.
package struct PortList: Equatable, Sendable {
  /// The ports in ascending order, without duplicates; at least one.
  package let ports: [UInt16]

  /// The reason why a text is not a list of ports.
  package struct SyntaxError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The offending item and what is accepted.
    package let description: String
  }

  /// Parses a list.
  ///
  /// - Parameter service: Finds the port of a service.
  /// - Throws: `SyntaxError` for a text that is not a list of ports, `ResolutionError` for an unknown service.
  package init(
    _ text: String, service: (String) throws -> UInt16 = { try Resolver.port($0) }
  ) throws {
    var ranges: [ClosedRange<UInt16>] = []
    for item in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard !item.isEmpty else { throw SyntaxError(description: "an item of '\(text)' is empty") }
      if let range = try Self.range(item) {
        ranges.append(range)
      } else {
        let port = try service(String(item))
        ranges.append(port...port)
      }
    }
    var ports: [UInt16] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      let first = max(range.lowerBound, ports.last.map { $0 &+ 1 } ?? 0)
      if ports.last != .max, first <= range.upperBound { ports += first...range.upperBound }
    }
    self.ports = ports
  }

  /// Whether a text that is not a service name lists several ports.
  package static func isSeveral(_ text: String) -> Bool {
    text.contains(",") || text.contains("-") && text.utf8.allSatisfy(isOfNumbers)
  }

  /// The ports of a number or a range; `nil` for a text that may be a service name.
  private static func range(_ item: Substring) throws -> ClosedRange<UInt16>? {
    guard item.utf8.allSatisfy(isOfNumbers) else { return nil }
    let ends = item.split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count <= 2, ends.allSatisfy({ !$0.isEmpty }) else {
      throw SyntaxError(description: "'\(item)' is not a range: expected FIRST-LAST, such as 8000-8010")
    }
    let ports = try ends.map { try port($0) }
    guard ports[0] <= ports[ports.count - 1] else {
      throw SyntaxError(description: "'\(item)' is reversed: expected \(ends[1])-\(ends[0])")
    }
    return ports[0]...ports[ports.count - 1]
  }

  private static func port(_ digits: Substring) throws(SyntaxError) -> UInt16 {
    guard let number = UInt16(digits), number > 0 else {
      throw SyntaxError(description: "port \(digits): expected a number from 1 to 65535 or a service name")
    }
    return number
  }

  private static func isOfNumbers(_ byte: UInt8) -> Bool { byte.isDigit || byte == UInt8(ascii: "-") }
}
