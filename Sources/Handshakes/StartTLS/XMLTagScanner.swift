// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// A tag of XML.
struct XMLTag: Equatable {
  /// The kind of a tag.
  enum Kind: Equatable {
    /// `<?…?>`
    case declaration
    /// `<name …>`
    case start
    /// `</name>`
    case end
    /// `<name …/>`
    case empty
  }

  /// The kind.
  let kind: Kind
  /// The name with its prefix; empty for a declaration.
  let name: ArraySlice<UInt8>
  /// The whole tag.
  let bytes: [UInt8]

  /// The name without its prefix.
  var localName: ArraySlice<UInt8> {
    name.lastIndex(of: UInt8(ascii: ":")).map { name[($0 + 1)...] } ?? name
  }

  /// Parses a tag; `nil` if it is malformed.
  ///
  /// - Parameter bytes: The tag from `<` to `>`.
  init?(_ bytes: ArraySlice<UInt8>) {
    self.bytes = Array(bytes)
    var content = self.bytes[1..<(self.bytes.count - 1)]
    switch content.first {
    case UInt8(ascii: "?"):
      guard content.count > 1, content.last == UInt8(ascii: "?") else { return nil }
      kind = .declaration
      name = []
      return
    case UInt8(ascii: "/"):
      kind = .end
      content.removeFirst()
    default:
      let isEmpty = content.last == UInt8(ascii: "/")
      kind = isEmpty ? .empty : .start
      if isEmpty { content.removeLast() }
    }
    name = content.prefix { !$0.isSpace }
    guard let first = name.first, first.isLetter || first == UInt8(ascii: "_") || first >= 0x80 else {
      return nil
    }
    // Comments, sections and document types are not allowed in XMPP, and an end has no attributes.
    guard kind != .end || content[name.endIndex...].allSatisfy(\.isSpace) else { return nil }
  }
}

/// Finds tags in a stream of XML.
struct XMLTagScanner {
  /// The number of bytes of a tag that were looked at.
  private var scanned = 0
  /// The quotation mark of the attribute in which they end.
  private var quote: UInt8?

  /// Takes the next tag off the front, and text before it.
  ///
  /// - Parameter allowingText: Whether the text may be other than white space.
  /// - Returns: `nil` if it is not complete.
  /// - Throws: A failure if it is not XML.
  mutating func next(
    _ input: inout ArraySlice<UInt8>, allowingText: Bool
  ) throws(DialogueFailure) -> XMLTag? {
    if scanned == 0 {
      input = input.drop { $0 != UInt8(ascii: "<") && (allowingText || $0.isSpace) }
      guard let first = input.first else { return nil }
      guard first == UInt8(ascii: "<") else { throw .foreign([]) }
      scanned = 1
    }
    for index in (input.startIndex + scanned)..<input.endIndex {
      let byte = input[index]
      scanned += 1
      if byte == UInt8(ascii: "<") { throw .foreign([]) }
      if let mark = quote {
        if byte == mark { quote = nil }
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        quote = byte
      } else if byte == UInt8(ascii: ">") {
        guard let tag = XMLTag(input[...index]) else { throw .foreign(Array(input[...index])) }
        input = input[(index + 1)...]
        scanned = 0
        return tag
      }
    }
    return nil
  }
}
