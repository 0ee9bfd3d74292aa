// SPDX-License-Identifier: GPL-3.0-or-later

/// MySQL's packets: the server's greeting lists what it is capable of, and the client's SSLRequest is not answered.
struct MySQLDialogue: Dialogue {
  private enum Capability {
    static let protocol41: UInt32 = 0x200
    static let ssl: UInt32 = 0x800
    static let secureConnection: UInt32 = 0x8000
    static let pluginAuthentication: UInt32 = 0x8_0000
  }

  private static let protocolVersion: UInt8 = 10
  private static let errorMark: UInt8 = 0xFF
  /// The number of bytes of a greeting between the text of the version and the capabilities: the thread's number, the
  /// first part of a random text, and a zero byte.
  private static let distanceOfCapabilities = 4 + 8 + 1

  var opening: [UInt8] { [] }

  mutating func advance(
    _ input: inout ArraySlice<UInt8>, _ output: inout [UInt8]
  ) throws(DialogueFailure) -> Bool {
    guard input.count >= 4 else { return false }
    let header = Array(input.prefix(4))
    let length = Int(header[0]) | Int(header[1]) << 8 | Int(header[2]) << 16
    guard (1...StartTLS.longest).contains(length), header[3] == 0 else { throw .foreign([]) }
    guard input.count >= 4 + length else { return false }
    let packet = input.dropFirst(4).prefix(length)
    input = input.dropFirst(4 + length)
    guard packet.first != Self.errorMark else {
      // The number of the error, and perhaps the state of SQL behind a hash sign.
      let text = packet.dropFirst(3)
      throw .refused(Array(text.first == UInt8(ascii: "#") ? text.dropFirst(6) : text))
    }
    guard packet.first == Self.protocolVersion, let endOfVersion = packet.firstIndex(of: 0),
      packet.endIndex - endOfVersion - 1 >= Self.distanceOfCapabilities + 2
    else { throw .foreign([]) }
    let start = endOfVersion + 1 + Self.distanceOfCapabilities
    let capabilities = UInt32(packet[start]) | UInt32(packet[start + 1]) << 8
    guard capabilities & Capability.ssl != 0 else { throw .notOffered }
    output += Self.request
    return true
  }

  /// The SSLRequest: capabilities, the length of the longest packet, a character set (utf8mb4), and 23 zero bytes.
  private static var request: [UInt8] {
    let capabilities =
      Capability.protocol41 | Capability.ssl | Capability.secureConnection | Capability.pluginAuthentication
    return [32, 0, 0, 1] + bytes(capabilities) + bytes(1 << 24) + [45] + [UInt8](repeating: 0, count: 23)
  }

  private static func bytes(_ number: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}
