// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Text

/// An entity tag, which identifies one state of a file (RFC 9110, section 8.8.3); always a strong one.
struct HTTPEntityTag: Equatable, Sendable {
  /// The tag with its quotes.
  let text: String

  /// The tag of a file: it changes when the file is replaced, its length changes, or it is written to.
  init(_ status: FileStatus) {
    let parts = [UInt64(status.size), status.inode, UInt64(bitPattern: status.modified)]
    text = "\"\(parts.map { String($0, radix: 16) }.joined(separator: "-"))\""
  }

  /// The tag of bytes in memory: their FNV-1a hash. It is not collision-resistant, but an attacker would have to
  /// control both texts.
  init(_ bytes: [UInt8]) {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    text = "\"\(String(hash, radix: 16))\""
  }

  /// Whether a list of tags contains this one, or is `*`.
  ///
  /// - Parameter isStrong: Whether weak tags, `W/"…"`, do not count.
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

  /// Whether bytes are exactly this tag, without a weakness indicator.
  func equals(_ bytes: [UInt8]) -> Bool { bytes.elementsEqual(text.utf8) }
}
