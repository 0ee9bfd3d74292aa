// SPDX-License-Identifier: GPL-3.0-or-later

/// Every way to cut some bytes into pieces, for results that must not depend on the pieces.
func everyCut(of bytes: [UInt8]) -> [[[UInt8]]] {
  precondition(bytes.count < 14, "there are two to the power of this many cuts")
  guard bytes.count > 1 else { return [[bytes]] }
  return (0..<1 << (bytes.count - 1)).map { cuts in
    var pieces: [[UInt8]] = [[]]
    for (index, byte) in bytes.enumerated() {
      pieces[pieces.count - 1].append(byte)
      if index < bytes.count - 1, cuts >> index & 1 == 1 { pieces.append([]) }
    }
    return pieces
  }
}
