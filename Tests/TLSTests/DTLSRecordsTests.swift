// SPDX-License-Identifier: GPL-3.0-or-later

import TLS
import Testing

/// Which records of a datagram are passed on.
struct DTLSRecordsTests {
  /// A record, with the length that is written in it.
  private static func record(type: UInt8 = 23, epoch: UInt8 = 1, _ content: [UInt8], length: Int? = nil)
    -> [UInt8]
  {
    let length = length ?? content.count
    return [type, 0xFE, 0xFD, 0, epoch, 0, 0, 0, 0, 0, 1, UInt8(length >> 8), UInt8(length & 0xFF)] + content
  }

  private static let full = record([UInt8](repeating: 7, count: 24))

  private static func plausible(_ datagram: [UInt8]) -> [UInt8] {
    DTLSRecords.plausible(in: datagram.span, shortest: 24)
  }

  @Test func `whole records are passed on, several of a datagram too`() {
    let hello = Self.record(type: 22, epoch: 0, [1])
    for datagram in [Self.full, hello, hello + Self.full + Self.full] {
      #expect(Self.plausible(datagram) == datagram)
    }
  }

  @Test func `what is no record, or is cut short, is dropped with all that follows`() {
    for rest in [[], [23], Array(Self.full.prefix(12)), Self.record([1, 2], length: 3)] {
      #expect(Self.plausible(rest).isEmpty)
      #expect(Self.plausible(Self.full + rest) == Self.full)
    }
  }

  @Test func `records that the peer cannot have made are left out`() {
    let short = Self.record([UInt8](repeating: 7, count: 23))
    let unknown = Self.record(type: 24, [UInt8](repeating: 7, count: 24))
    let empty = Self.record(type: 22, epoch: 0, [])
    for record in [short, unknown, empty] {
      #expect(Self.plausible(record).isEmpty)
      #expect(Self.plausible(record + Self.full) == Self.full)
    }
  }
}
