// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Text

/// What tells one state of a file from all others (RFC 9110, section 8.8.3); always a strong one.
struct HTTPEntityTag: Equatable, Sendable {
  /// The tag with its quotes.
  let text: String

  /// The tag of a file: it changes when the file is replaced, grows or shrinks, or is written to.
  init(_ status: FileStatus) {
    let parts = [UInt64(status.size), status.inode, UInt64(bitPattern: status.modified)]
    text = "\"\(parts.map { String($0, radix: 16) }.joined(separator: "-"))\""
  }

  /// The tag of bytes in memory: their FNV-1a hash, which is no defence against anybody who looks for two texts
  /// with the same one, but both would have to be his.
  init(_ bytes: [UInt8]) {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    text = "\"\(String(hash, radix: 16))\""
  }

  /// Whether a list of tags has this one, or is `*`.
  ///
  /// - Parameter isStrong: Whether a weak tag, `W/"…"`, does not count.
  func isListed(in list: [UInt8], isStrong: Bool) -> Bool {
    if list.elementsEqual("*".utf8) { return true }
    var rest = list[...]
    while true {
      rest = rest.drop { $0.isBlank || $0 == UInt8(ascii: ",") }
      let isWeak = rest.starts(with: "W/".utf8)
      if isWeak { rest = rest.dropFirst(2) }
      guard rest.first == UInt8(ascii: "\""), let end = rest.dropFirst().firstIndex(of: UInt8(ascii: "\""))
      else {
        return false
      }
      if rest[...end].elementsEqual(text.utf8), !(isStrong && isWeak) { return true }
      rest = rest[(end + 1)...]
    }
  }

  /// Whether bytes are exactly this tag, without a sign of weakness.
  func equals(_ bytes: [UInt8]) -> Bool { bytes.elementsEqual(text.utf8) }
}
