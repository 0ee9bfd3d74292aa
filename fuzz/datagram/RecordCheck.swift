// SPDX-License-Identifier: GPL-3.0-or-later

import TLS

/// Selects the records of datagrams.
enum RecordCheck {
  /// Stops the program if other records are selected than those that a peer can have made.
  ///
  /// - Parameter bytes: The length of the shortest encrypted record, and a datagram.
  static func check(_ bytes: [UInt8]) {
    guard let first = bytes.first else { return }
    let (shortest, datagram) = (Int(first % 32), Array(bytes.dropFirst()))
    let records = records(of: datagram[...]).filter { record in
      let content = record.count - 13
      return [20, 21, 22, 23].contains(record[0])
        && (record[3] == 0 && record[4] == 0 ? content > 0 : content >= shortest)
    }
    precondition(
      DTLSRecords.plausible(in: datagram.span, shortest: shortest) == Array(records.joined()),
      "other records are selected")
  }

  /// The whole records at the front of a datagram: a header of 13 bytes with the length in the last two, and content.
  private static func records(of datagram: ArraySlice<UInt8>) -> [[UInt8]] {
    let bytes = Array(datagram)
    guard bytes.count >= 13 else { return [] }
    let length = 13 + Int(bytes[11]) * 256 + Int(bytes[12])
    guard bytes.count >= length else { return [] }
    return [Array(bytes[..<length])] + records(of: bytes[length...])
  }
}
