// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// An address, read by the grammar of RFC 3986 (section 3.2.2) and RFC 4007 (section 11) without the C library.
struct StrictAddress {
  /// Four or sixteen bytes.
  let bytes: [UInt8]

  /// Whether it is one of IPv6 that stands for one of IPv4.
  let isMapped: Bool

  /// Reads an address; `nil` for anything else.
  init?(_ text: [UInt8]) {
    if let ipv4 = Self.ipv4(text[...]) {
      (bytes, isMapped) = (ipv4, false)
      return
    }
    let parts = text.split(separator: UInt8(ascii: "%"), maxSplits: 1, omittingEmptySubsequences: false)
    guard let ipv6 = Self.ipv6(Array(parts.first ?? [])), parts.count < 2 || Self.isZone(parts[1]) else {
      return nil
    }
    isMapped = ipv6.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255])
    bytes = isMapped ? Array(ipv6.suffix(4)) : ipv6
  }

  /// Four numbers without zeros in front.
  private static func ipv4(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    let numbers = parts.compactMap { part -> UInt8? in
      guard let number = StrictNumber.value(part), number <= 255, String(number).utf8.elementsEqual(part)
      else {
        return nil
      }
      return UInt8(number)
    }
    return parts.count == 4 && numbers.count == 4 ? numbers : nil
  }

  private static func ipv6(_ text: [UInt8]) -> [UInt8]? {
    let gaps = text.indices.dropLast().filter { text[$0] == UInt8(ascii: ":") && text[$0 + 1] == text[$0] }
    guard gaps.count <= 1 else { return nil }
    guard let gap = gaps.first else {
      guard let all = groups(text[...], endsAddress: true), all.count == 16 else { return nil }
      return all
    }
    guard let head = groups(text[..<gap], endsAddress: false),
      let tail = groups(text[(gap + 2)...], endsAddress: true), head.count + tail.count <= 14
    else { return nil }
    return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
  }

  /// Groups of hexadecimal digits, the last of which may be an address of IPv4.
  private static func groups(_ text: ArraySlice<UInt8>, endsAddress: Bool) -> [UInt8]? {
    guard !text.isEmpty else { return [] }
    var bytes: [UInt8] = []
    let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if endsAddress, index == parts.count - 1, let ipv4 = ipv4(part) {
        bytes += ipv4
      } else {
        guard (1...4).contains(part.count), part.allSatisfy({ isxdigit(CInt($0)) != 0 }),
          let group = UInt16(String(decoding: part, as: UTF8.self), radix: 16)
        else { return nil }
        bytes += [UInt8(group >> 8), UInt8(group & 255)]
      }
    }
    return bytes
  }

  /// The name of an interface, and not that of an alias of one, or a number.
  private static func isZone(_ text: ArraySlice<UInt8>) -> Bool {
    guard !text.contains(0), !text.contains(UInt8(ascii: ":")) else { return false }
    if unsafe if_nametoindex(text.map { CChar(bitPattern: $0) } + [0]) != 0 { return true }
    return StrictNumber.value(text).map { (1...Int(UInt32.max)).contains($0) } ?? false
  }
}

/// A decimal number without a sign.
enum StrictNumber {
  /// The number of at most 18 digits besides zeros in front; `nil` for anything else.
  static func value(_ text: ArraySlice<UInt8>) -> Int? {
    guard !text.isEmpty, text.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    let digits = text.drop { $0 == 0x30 }
    return digits.count <= 18 ? digits.reduce(0) { 10 * $0 + Int($1 - 0x30) } : nil
  }
}
