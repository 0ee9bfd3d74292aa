// SPDX-License-Identifier: GPL-3.0-or-later

extension UInt32 {
  /// The number as four bytes of a message between processes of this program.
  package var messageBytes: [UInt8] { unsafe withUnsafeBytes(of: bigEndian) { unsafe Array($0) } }

  /// Reads the four bytes of such a number.
  package init(messageBytes bytes: some Sequence<UInt8>) { self = bytes.reduce(0) { $0 << 8 | UInt32($1) } }
}
