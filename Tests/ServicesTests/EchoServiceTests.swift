// SPDX-License-Identifier: GPL-3.0-or-later

import Services
import Sockets
import Testing

struct EchoServiceTests {
  private static func answer(to pieces: [String], prefix: String) -> String {
    let session = EchoService(prefix: Array(prefix.utf8)).makeSession(for: .unnamed)
    var reply = Response()
    for piece in pieces { session.receive(Array(piece.utf8).span, reply: &reply) }
    session.clientFinished(reply: &reply)
    #expect(!reply.endsSession)
    let bytes = reply.parts.flatMap { if case .bytes(let bytes) = $0 { bytes } else { [UInt8]() } }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test(arguments: [["a\nb\nc"], ["a", "\n", "b\nc"], ["a\n", "b\n", "", "c"], ["a\nb", "\nc"]])
  func `each line has the prefix once, however it arrives`(pieces: [String]) {
    #expect(Self.answer(to: pieces, prefix: "> ") == "> a\n> b\n> c")
    #expect(Self.answer(to: pieces, prefix: "") == "a\nb\nc")
  }

  @Test func `a line that has not begun has no prefix, an empty one has`() {
    #expect(Self.answer(to: [], prefix: "> ").isEmpty)
    #expect(Self.answer(to: ["\n\n"], prefix: "> ") == "> \n> \n")
    #expect(Self.answer(to: ["a\n"], prefix: "> ") == "> a\n")
  }
}
