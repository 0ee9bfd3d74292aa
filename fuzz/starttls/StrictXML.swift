// SPDX-License-Identifier: GPL-3.0-or-later

/// XMPP's stream, read the plain way.
extension StrictServer {
  private static let opening =
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
    + "to='s' version='1.0'>"
  private static let request = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"

  /// Reads what a server of XMPP sends.
  mutating func readXMPP(_ bytes: ArraySlice<UInt8>) {
    let text = Array(bytes)
    send(Self.opening)
    var (index, open) = (0, [[UInt8]]())
    // The children of the stream, with the names in each.
    var children: [(name: [UInt8], inside: [[UInt8]])] = []
    while index < text.count {
      guard text[index] == UInt8(ascii: "<") else {
        if open.count < 2, !Self.isSpace(text[index]) { return fail() }
        index += 1
        continue
      }
      guard let end = Self.end(of: text, from: index + 1) else { return }
      guard text[end] == UInt8(ascii: ">") else { return fail() }
      var tag = Array(text[(index + 1)..<end])
      index = end + 1
      if tag.first == UInt8(ascii: "?") {
        guard open.isEmpty, tag.count > 1, tag.last == UInt8(ascii: "?") else { return fail() }
        continue
      }
      let closes = tag.first == UInt8(ascii: "/")
      if closes { tag.removeFirst() }
      let isEmpty = !closes && tag.last == UInt8(ascii: "/")
      if isEmpty { tag.removeLast() }
      let name = Array(tag.prefix { !Self.isSpace($0) })
      guard Self.isName(name) else { return fail() }
      if closes {
        guard open.last == name, tag.dropFirst(name.count).allSatisfy(Self.isSpace) else { return fail() }
        open.removeLast()
      } else {
        let local = Array(
          name.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).last ?? [])
        switch open.count {
        case 0: if isEmpty || local != Array("stream".utf8) { return fail() }
        case 1: children.append((local, []))
        case 2: children[children.count - 1].inside.append(local)
        default: break
        }
        if !isEmpty { open.append(name) }
        if !isEmpty || open.count != 1 { continue }
      }
      if open.isEmpty { return fail() }
      guard open.count == 1, let child = children.last else { continue }
      switch (children.count, String(decoding: child.name, as: UTF8.self)) {
      case (1, "features"):
        guard child.inside.contains(Array("starttls".utf8)) else { return fail() }
        send(Self.request)
      case (2, "proceed"): return accept(at: bytes.startIndex + index)
      default: return fail()
      }
    }
  }

  /// The end of a tag, or a bracket that cannot be in it; `nil` if there is none.
  private static func end(of text: [UInt8], from start: Int) -> Int? {
    var quote: UInt8 = 0
    for index in start..<text.count {
      switch text[index] {
      case UInt8(ascii: "<"): return index
      case UInt8(ascii: ">") where quote == 0: return index
      case quote where quote != 0: quote = 0
      case UInt8(ascii: "'"), UInt8(ascii: "\""): if quote == 0 { quote = text[index] }
      default: break
      }
    }
    return nil
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

  private static func isName(_ name: [UInt8]) -> Bool {
    guard let first = name.first else { return false }
    return first >= 128 || first == 95 || (65...90).contains(first) || (97...122).contains(first)
  }
}
