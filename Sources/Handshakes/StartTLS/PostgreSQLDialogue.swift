// SPDX-License-Identifier: GPL-3.0-or-later

/// PostgreSQL's SSLRequest, which is answered by one byte.
struct PostgreSQLDialogue: Dialogue {
  /// The length of the packet and the number of the request, which has the place of a version.
  var opening: [UInt8] { [0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F] }

  func advance(
    _ input: inout ArraySlice<UInt8>, _ output: inout [UInt8]
  ) throws(DialogueFailure) -> Bool {
    guard let answer = input.first else { return false }
    switch answer {
    case UInt8(ascii: "S"):
      input.removeFirst()
      return true
    case UInt8(ascii: "N"): throw .notOffered
    case UInt8(ascii: "E"):
      guard let error = try Self.error(input.dropFirst()) else { return false }
      throw .refused(error)
    default: throw .foreign([])
    }
  }

  /// The text of an ErrorResponse: a length, and fields that are marked by a letter and end with a zero byte.
  ///
  /// - Returns: `nil` if it is not complete.
  private static func error(_ message: ArraySlice<UInt8>) throws(DialogueFailure) -> [UInt8]? {
    guard message.count >= 4 else { return nil }
    let length = message.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    guard (4...StartTLS.longest).contains(length) else { throw .foreign([]) }
    guard message.count >= length else { return nil }
    let fields = message.prefix(length).dropFirst(4).split(separator: 0)
    return fields.first { $0.first == UInt8(ascii: "M") }.map { Array($0.dropFirst()) } ?? []
  }
}
