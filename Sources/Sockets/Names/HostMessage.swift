// SPDX-License-Identifier: GPL-3.0-or-later

/// The messages between a look-up process and its parent, one query or one answer each.
///
/// A query is the family's number and the name or address. An answer is a sequence of fields, each a tag and a text
/// ended by a NUL: `n` is the name, `a` an alias and `i` an address of an entry; `e` is the verdict and `m` the message
/// of a failure.
package enum HostMessage {
  /// Encodes a query as a message.
  package static func encode(_ question: HostLookup) -> [UInt8] {
    [UInt8(ascii: question.family == .ipv4 ? "4" : "6")] + question.query.utf8
  }

  /// Decodes a query; `nil` if the message is not a query.
  package static func question(in message: [UInt8]) -> HostLookup? {
    guard let query = String(validating: message.dropFirst(), as: UTF8.self) else { return nil }
    return switch message.first.map({ Unicode.Scalar($0) }) {
    case "4": HostLookup(query, .ipv4)
    case "6": HostLookup(query, .ipv6)
    default: nil
    }
  }

  /// Encodes an answer as a message.
  package static func encode(_ result: Result<HostEntry, LookupFailure>) -> [UInt8] {
    var message: [UInt8] = []
    func append(_ tag: Unicode.Scalar, _ text: String) {
      message.append(UInt8(ascii: tag))
      // A NUL in a text, which no C string holds, would start another field.
      message += text.utf8.filter { $0 != 0 }
      message.append(0)
    }
    switch result {
    case .success(let entry):
      append("n", entry.name)
      for alias in entry.aliases { append("a", alias) }
      for address in entry.addresses { append("i", "\(address)") }
    case .failure(let failure):
      append("e", failure.verdict.rawValue)
      append("m", failure.message)
    }
    return message
  }

  /// Decodes an answer; `nil` if the message is not an answer.
  package static func answer(in message: [UInt8]) -> Result<HostEntry, LookupFailure>? {
    guard message.last == 0 else { return nil }
    let fields = message.dropLast().split(separator: 0, omittingEmptySubsequences: false)
    guard let first = fields.first, let tag = first.first, let text = text(of: first) else { return nil }
    switch Unicode.Scalar(tag) {
    case "n": return decodeEntry(name: text, fields.dropFirst()).map { .success($0) }
    case "e": return decodeFailure(verdict: text, fields.dropFirst()).map { .failure($0) }
    default: return nil
    }
  }

  private static func decodeEntry(name: String, _ fields: ArraySlice<ArraySlice<UInt8>>) -> HostEntry? {
    var aliases: [String] = []
    var addresses: [IPAddress] = []
    for field in fields {
      guard let text = text(of: field) else { return nil }
      switch field.first.map({ Unicode.Scalar($0) }) {
      case "a": aliases.append(text)
      case "i":
        guard let address = IPAddress(text) else { return nil }
        addresses.append(address)
      default: return nil
      }
    }
    return HostEntry(name: name, aliases: aliases, addresses: addresses)
  }

  private static func decodeFailure(
    verdict: String, _ fields: ArraySlice<ArraySlice<UInt8>>
  ) -> LookupFailure? {
    guard let verdict = LookupFailure.Verdict(rawValue: verdict), fields.count == 1, let field = fields.first,
      field.first == UInt8(ascii: "m"), let message = text(of: field)
    else { return nil }
    return LookupFailure(verdict, message)
  }

  /// The text after a field's tag; `nil` if it is not UTF-8.
  private static func text(of field: ArraySlice<UInt8>) -> String? {
    String(validating: field.dropFirst(), as: UTF8.self)
  }
}
