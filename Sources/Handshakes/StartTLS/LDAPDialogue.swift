// SPDX-License-Identifier: GPL-3.0-or-later

/// LDAP's extended operation StartTLS (RFC 4511, section 4.14), in BER.
struct LDAPDialogue: Dialogue {
  private enum Tag {
    static let sequence: UInt8 = 0x30
    static let integer: UInt8 = 0x02
    static let octets: UInt8 = 0x04
    static let enumerated: UInt8 = 0x0A
    static let extendedRequest: UInt8 = 0x77
    static let extendedResponse: UInt8 = 0x78
    static let requestName: UInt8 = 0x80
  }

  private static let startTLS = Array("1.3.6.1.4.1.1466.20037".utf8)

  var opening: [UInt8] {
    let request = Self.element(Tag.extendedRequest, Self.element(Tag.requestName, Self.startTLS))
    return Self.element(Tag.sequence, Self.element(Tag.integer, [1]) + request)
  }

  /// An element with less than 128 bytes.
  private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
    [tag, UInt8(content.count)] + content
  }

  mutating func advance(
    _ input: inout ArraySlice<UInt8>, _ output: inout [UInt8]
  ) throws(DialogueFailure) -> Bool {
    guard let tag = input.first else { return false }
    guard tag == Tag.sequence else { throw .foreign([]) }
    guard var message = try Self.take(Tag.sequence, &input) else { return false }
    // Message 0 is the notice with which a server ends the connection.
    guard let number = try Self.take(Tag.integer, &message), number.count == 1,
      number.first == 1 || number.first == 0,
      var response = try Self.take(Tag.extendedResponse, &message),
      let result = try Self.take(Tag.enumerated, &response), result.count == 1, let code = result.first,
      try Self.take(Tag.octets, &response) != nil, let text = try Self.take(Tag.octets, &response)
    else { throw .foreign([]) }
    guard number.first == 1, code == 0 else {
      throw .refused(Array("result \(code)\(text.isEmpty ? "" : ", ")".utf8) + text)
    }
    return true
  }

  /// Takes an element off the front.
  ///
  /// - Returns: Its content; `nil` if it is not complete, or has another tag.
  /// - Throws: A failure if its length has no form that LDAP allows, or is beyond all limits.
  private static func take(
    _ tag: UInt8, _ input: inout ArraySlice<UInt8>
  ) throws(DialogueFailure) -> ArraySlice<UInt8>? {
    guard input.count >= 2, input.first == tag else { return nil }
    var rest = input.dropFirst()
    var length = Int(rest.removeFirst())
    if length >= 0x80 {
      let count = length & 0x7F
      guard (1...4).contains(count) else { throw .foreign([]) }
      guard rest.count >= count else { return nil }
      length = rest.prefix(count).reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(count)
    }
    guard length <= StartTLS.longest else { throw .foreign([]) }
    guard rest.count >= length else { return nil }
    input = rest.dropFirst(length)
    return rest.prefix(length)
  }
}
