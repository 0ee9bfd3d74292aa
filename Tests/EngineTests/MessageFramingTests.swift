// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Testing

struct MessageFramingTests {
  /// The messages of a text that is added in pieces of a given size and then ends.
  private func messages(
    _ rule: MessageFraming.Rule, of text: String, limit: Int = 100, pieces: Int
  ) throws -> [String] {
    var framing = MessageFraming(rule, limit: limit)
    var result: [String] = []
    func take() throws {
      while try framing.next({ span in
        result.append(String(decoding: span.indices.map { span[$0] }, as: UTF8.self))
      }) {}
    }
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: pieces) {
      framing.append(Array(bytes[start..<min(start + pieces, bytes.count)]).span)
      try take()
    }
    framing.finish()
    try take()
    return result
  }

  @Test(arguments: [1, 2, 3, 7, 100])
  func `each line is a message, an empty one and one without a newline too`(pieces: Int) throws {
    let text = "one\n\ntwo\nend"
    let kept = MessageFraming.Rule.lines(keepsNewline: true)
    let cut = MessageFraming.Rule.lines(keepsNewline: false)
    #expect(try messages(cut, of: text, pieces: pieces) == ["one", "", "two", "end"])
    #expect(try messages(kept, of: text, pieces: pieces) == ["one\n", "\n", "two\n", "end"])
    #expect(try messages(cut, of: "one\n", pieces: pieces) == ["one"])
    #expect(try messages(cut, of: "", pieces: pieces) == [])
  }

  @Test(arguments: [1, 2, 3, 7, 100])
  func `a block has its size, and the last one what is left`(pieces: Int) throws {
    #expect(try messages(.blocks(4), of: "abcdefghij", pieces: pieces) == ["abcd", "efgh", "ij"])
    #expect(try messages(.blocks(5), of: "abcdefghij", pieces: pieces) == ["abcde", "fghij"])
    #expect(try messages(.blocks(5), of: "", pieces: pieces) == [])
  }

  @Test(arguments: [1, 100])
  func `the whole is one message, even if there is nothing`(pieces: Int) throws {
    #expect(try messages(.whole, of: "one\ntwo\n", pieces: pieces) == ["one\ntwo\n"])
    #expect(try messages(.whole, of: "", pieces: pieces) == [""])
  }

  @Test(arguments: [1, 3, 100])
  func `a message over the limit is refused with its position, one at the limit is not`(pieces: Int) throws {
    let cut = MessageFraming.Rule.lines(keepsNewline: false)
    #expect(try messages(cut, of: "ab\nabcd\n", limit: 4, pieces: pieces) == ["ab", "abcd"])
    #expect(throws: MessageFraming.TooLong(position: 2)) {
      try messages(cut, of: "ab\nabcde\n", limit: 4, pieces: pieces)
    }
    #expect(throws: MessageFraming.TooLong(position: 1)) {
      try messages(.lines(keepsNewline: true), of: "abcd\n", limit: 4, pieces: pieces)
    }
    #expect(throws: MessageFraming.TooLong(position: 1)) {
      try messages(.whole, of: "abcde", limit: 4, pieces: pieces)
    }
  }

  @Test func `a message that cannot end within the limit is refused before its end comes`() throws {
    var framing = MessageFraming(.lines(keepsNewline: false), limit: 4)
    framing.append([1, 2, 3, 4].span)
    #expect(try !framing.next { _ in })
    framing.append([5].span)
    #expect(throws: MessageFraming.TooLong(position: 1)) { try framing.next { _ in } }
  }
}
