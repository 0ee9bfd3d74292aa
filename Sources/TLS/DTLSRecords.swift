// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// The records of a received datagram (RFC 6347, section 4.1).
///
/// An attacker may send datagrams in the name of the peer, which must not end the session. The library drops records that
/// were not made by the peer, but fails for one that is too short to have been encrypted.
package enum DTLSRecords {
  /// Type, version, epoch, number and length.
  private static let header = 13
  /// Change of ciphers, alert, handshake and payload.
  private static let types: ClosedRange<UInt8> = 20...23

  /// The records of a datagram that the library can process.
  ///
  /// - Parameter shortest: The length of an encrypted record without content.
  package static func plausible(in datagram: Span<UInt8>, shortest: Int) -> [UInt8] {
    var records: [UInt8] = []
    var start = 0
    while datagram.count - start >= header {
      let isEncrypted = datagram[start + 3] > 0 || datagram[start + 4] > 0
      let length = Int(datagram[start + 11]) << 8 | Int(datagram[start + 12])
      let end = start + header + length
      guard end <= datagram.count else { break }
      if types.contains(datagram[start]), length >= (isEncrypted ? shortest : 1) {
        records.append(copying: datagram.extracting(start..<end))
      }
      start = end
    }
    return records
  }
}
