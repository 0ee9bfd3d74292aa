// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// Reads patterns of addresses.
enum PatternCheck {
  /// Stops the program if a pattern is read wrongly, or has other addresses.
  ///
  /// - Parameter bytes: A pattern, and behind a newline an address.
  static func check(_ bytes: ArraySlice<UInt8>) {
    let text = bytes.prefix { $0 != 10 }
    let pattern = AddressPattern(ByteText.text(of: text))
    let ranges = ranges(of: text)
    precondition(
      (pattern != nil) == (ranges != nil), "a pattern is read that is none, or the other way round")
    guard let pattern, let ranges else { return }
    let edges = [ranges.map(\.lowerBound), ranges.map(\.upperBound)]
    let beyond = [ranges.map { $0.lowerBound &- 1 }, ranges.map { $0.upperBound &+ 1 }]
    for address in edges + beyond + Example.addresses(in: bytes) {
      let plain = Example.unmapped(address)
      let isMember = plain.count == 4 && zip(ranges, plain).allSatisfy { $0.contains($1) }
      precondition(
        pattern.contains(Example.address(address)) == isMember, "a pattern has other addresses than it says")
    }
  }

  private static func ranges(of text: ArraySlice<UInt8>) -> [ClosedRange<UInt8>]? {
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    let ranges = parts.compactMap(range)
    return parts.count == 4 && ranges.count == 4 ? ranges : nil
  }

  private static func range(_ text: ArraySlice<UInt8>) -> ClosedRange<UInt8>? {
    if text.elementsEqual("*".utf8) { return 0...255 }
    let ends = text.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard ends.count <= 2, let first = number(ends[0], orIfEmpty: ends.count == 2 ? 0 : nil),
      let last = ends.count == 1 ? first : number(ends[1], orIfEmpty: 255), first <= last
    else { return nil }
    return first...last
  }

  private static func number(_ text: ArraySlice<UInt8>, orIfEmpty missing: UInt8?) -> UInt8? {
    text.isEmpty ? missing : StrictNumber.value(text).flatMap { UInt8(exactly: $0) }
  }
}
