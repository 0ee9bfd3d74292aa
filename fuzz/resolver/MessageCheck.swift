// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// Reads the messages between a look-up process and its parent.
enum MessageCheck {
  /// Stops the program if a message is read otherwise than its format says.
  static func check(_ bytes: ArraySlice<UInt8>) {
    let message = Array(bytes)
    let question = HostMessage.question(in: message)
    let isQuestion = "46".utf8.contains { $0 == message.first } && text(message.dropFirst()) != nil
    precondition((question != nil) == isQuestion, "a message is a question that is none")
    if let question { precondition(HostMessage.encode(question) == message, "a question is another one") }
    let (answer, expected) = (HostMessage.answer(in: message), answer(in: message))
    precondition(answer == expected, "an answer is another one")
    if let answer {
      precondition(HostMessage.answer(in: HostMessage.encode(answer)) == answer, "an answer is not written")
    }
  }

  private static func answer(in message: [UInt8]) -> Result<HostEntry, LookupFailure>? {
    var fields: [(tag: UInt8, text: String)] = []
    var rest = message[...]
    while !rest.isEmpty {
      guard let end = rest.firstIndex(of: 0), let tag = rest.first, tag != 0,
        let text = text(rest[..<end].dropFirst())
      else { return nil }
      fields.append((tag, text))
      rest = rest[(end + 1)...]
    }
    guard let first = fields.first else { return nil }
    let others = fields.dropFirst()
    switch first.tag {
    case UInt8(ascii: "n"):
      let aliases = others.filter { $0.tag == UInt8(ascii: "a") }.map(\.text)
      let addresses = others.filter { $0.tag == UInt8(ascii: "i") }.map { IPAddress($0.text) }
      guard aliases.count + addresses.count == others.count, !addresses.contains(nil) else { return nil }
      return .success(
        HostEntry(name: first.text, aliases: aliases, addresses: addresses.compactMap(\.self)))
    case UInt8(ascii: "e"):
      guard let verdict = LookupFailure.Verdict.allCases.first(where: { $0.rawValue == first.text }),
        others.count == 1, let message = others.first, message.tag == UInt8(ascii: "m")
      else { return nil }
      return .failure(LookupFailure(verdict, message.text))
    default: return nil
    }
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String? {
    String(validating: bytes, as: UTF8.self)
  }
}
