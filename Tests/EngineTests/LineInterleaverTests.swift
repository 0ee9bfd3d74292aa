// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Testing

/// The bytes of many clients in one stream, line by line.
struct LineInterleaverTests {
  private struct Room {
    var merger = LineInterleaver()
    var clients: [LineInterleaver.Contribution]
    var stream: [UInt8] = []

    init(_ labels: String...) {
      clients = labels.enumerated().map { .init(number: $0.offset, label: Array($0.element.utf8)) }
    }

    mutating func add(_ text: String, of client: Int) {
      let bytes = Array(text.utf8)
      merger.add(bytes.span, of: &clients[client], to: &stream)
    }

    mutating func end(_ client: Int) { merger.end(&clients[client], to: &stream) }

    var text: String { String(decoding: stream, as: UTF8.self) }
  }

  @Test func `a line waits until it is whole`() {
    var room = Room("", "")
    room.add("on", of: 0)
    room.add("two\nthr", of: 1)
    room.add("e\n\n", of: 0)
    #expect(room.text == "two\none\n\n")
    room.end(0)
    room.end(1)
    #expect(room.text == "two\none\n\nthr")
  }

  @Test func `each line is labelled once, an empty one too`() {
    var room = Room("[a] ", "[b] ")
    room.add("x\n\ny", of: 0)
    room.add("z\n", of: 1)
    room.end(0)
    #expect(room.text == "[a] x\n[a] \n[b] z\n[a] y")
  }

  @Test func `a line of 64 KiB is whole, whatever others send meanwhile`() {
    var room = Room("", "")
    let line = String(repeating: "x", count: 64 << 10)
    room.add(line, of: 0)
    room.add("other\n", of: 1)
    room.add("\n", of: 0)
    #expect(room.text == "other\n" + line + "\n")
  }

  @Test(arguments: ["", "[a] "])
  func `a longer line that nobody interrupts is not broken`(label: String) {
    var room = Room(label)
    let line = String(repeating: "x", count: 100 << 10)
    for character in [line, "\n", "end"] { room.add(character, of: 0) }
    room.end(0)
    #expect(room.text == label + line + "\n" + label + "end")
  }

  @Test func `a longer line that is interrupted is passed on in pieces of 64 KiB`() {
    var room = Room("[a] ", "[b] ")
    let piece = String(repeating: "x", count: 64 << 10)
    room.add(piece + "y", of: 0)
    room.add("z\n", of: 1)
    room.add("y\n", of: 0)
    #expect(room.text == "[a] " + piece + "\n[b] z\n[a] yy\n")
  }

  @Test func `a last line without a newline stays as it is until another client's bytes follow`() {
    var room = Room("", "")
    let piece = String(repeating: "x", count: 64 << 10)
    room.add(piece + piece, of: 0)
    room.add("y", of: 0)
    room.end(0)
    #expect(room.text == piece + piece + "y")
    room.add("z", of: 1)
    #expect(room.text == piece + piece + "y")
    room.end(1)
    #expect(room.text == piece + piece + "y\nz")
  }

  @Test func `no line has bytes of two clients, however they are cut`() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<50 {
      var room = Room("", "", "", "")
      var rest = (0..<4).map { client in
        (0..<40).map {
          String(repeating: "\(client)", count: .random(in: 0..<9, using: &generator)) + ";\($0)\n"
        }
        .joined()[...]
      }
      while let client = rest.indices.filter({ !rest[$0].isEmpty }).randomElement() {
        let piece = rest[client].prefix(.random(in: 1...20, using: &generator))
        rest[client].removeFirst(piece.count)
        room.add(String(piece), of: client)
      }
      for client in 0..<4 { room.end(client) }
      let lines = room.text.split(separator: "\n")
      #expect(lines.count == 160)
      #expect(lines.allSatisfy { Set($0.prefix { $0 != ";" }).count <= 1 })
    }
  }

  // MARK: Chat

  @Test func `a line of a chat says who it is of, and moves no cursor`() {
    var member = ChatLines(label: "[m] ")
    var text: [UInt8] = []
    let said: [UInt8] = Array("hi\r\n\u{1B}[2J\u{202E}x\n".utf8) + [0xFF, 0x0A, 0x0A] + Array("a\rb".utf8)
    for byte in said { member.add([byte].span, to: &text) }
    member.end(to: &text)
    #expect(
      String(decoding: text, as: UTF8.self)
        == "[m] hi\n[m] \\x1b[2J\\u{202e}x\n[m] \\xff\n[m] \n[m] a\\x0db\n")
  }

  @Test func `control characters of a chat are octal if its style says so, and text stays readable`() {
    let style = ChatStyle(ownLabel: "", label: { _ in "" }, escapesInOctal: true)
    var member = ChatLines(label: "<m> ", style: style)
    var text: [UInt8] = []
    member.add(Array("\u{1}\t\u{1B}[2J\u{7F}äöü\r\n".utf8).span, to: &text)
    #expect(String(decoding: text, as: UTF8.self) == "<m> \\001\t\\033[2J\\177äöü\n")
  }
}
