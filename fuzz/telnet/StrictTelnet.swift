// SPDX-License-Identifier: GPL-3.0-or-later

/// What a telnet peer has sent, read the plain way out of bytes that are all there (RFC 854 and 855).
struct StrictTelnet {
  /// The data.
  private(set) var data: [UInt8] = []
  /// The refusals of what it offers and demands.
  private(set) var answers: [UInt8] = []

  /// Reads bytes.
  init(_ bytes: ArraySlice<UInt8>) {
    var (rest, plain) = (bytes, [UInt8]())
    while let byte = rest.popFirst() {
      guard byte == 255 else {
        plain.append(byte)
        continue
      }
      switch rest.popFirst() {
      case 255: plain.append(255)
      // WILL is answered by DONT, and DO by WONT.
      case 251: answers += rest.popFirst().map { [255, 254, $0] } ?? []
      case 253: answers += rest.popFirst().map { [255, 252, $0] } ?? []
      case 252, 254: _ = rest.popFirst()
      case 250: Self.skipParameters(&rest)
      default: break
      }
    }
    // Within the data, a NUL belongs to the CR before it.
    for (index, byte) in plain.enumerated() where index == 0 || byte != 0 || plain[index - 1] != 13 {
      data.append(byte)
    }
  }

  /// Parameters end before the next command: SE, or another one if that is missing.
  private static func skipParameters(_ rest: inout ArraySlice<UInt8>) {
    while let first = rest.first {
      guard first == 255 else {
        rest = rest.dropFirst()
        continue
      }
      guard rest.dropFirst().first == 255 else { return }
      rest = rest.dropFirst(2)
    }
  }
}
