// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// The dialogue of XMPP (RFC 6120, section 5.4), in a stream of XML.
struct XMPPDialogue: Dialogue {
  private let server: String
  private var scanner = XMLTagScanner()
  /// The names of the elements that are open.
  private var path: [ArraySlice<UInt8>] = []
  /// The local names of the stream's current child, and of the first element in it.
  private var child: [UInt8] = []
  private var firstInside: [UInt8]?
  private var isOffered = false
  private var isRequested = false

  private static let request = Array("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>".utf8)

  /// Prepares the dialogue with the server of a domain.
  init(server: String) { self.server = server }

  var opening: [UInt8] {
    Array(
      ("<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
        + "to='\(HTMLText.escape(server))' version='1.0'>").utf8)
  }

  mutating func advance(
    _ input: inout ArraySlice<UInt8>, _ output: inout [UInt8]
  ) throws(DialogueFailure) -> Bool {
    // Text may only be inside the children of the stream.
    while let tag = try scanner.next(&input, allowingText: path.count > 1) {
      switch tag.kind {
      case .declaration:
        guard path.isEmpty else { throw .foreign(tag.bytes) }
      case .start:
        try open(tag)
        path.append(tag.name)
      case .empty:
        try open(tag)
        if path.count == 1, try closeChild(&output) { return true }
      case .end:
        guard path.popLast()?.elementsEqual(tag.name) == true else { throw .foreign(tag.bytes) }
        if path.isEmpty { throw .refused(tag.bytes) }
        if path.count == 1, try closeChild(&output) { return true }
      }
    }
    return false
  }

  private mutating func open(_ tag: XMLTag) throws(DialogueFailure) {
    switch path.count {
    case 0:
      guard tag.localName.elementsEqual("stream".utf8), tag.kind == .start else { throw .foreign(tag.bytes) }
    case 1:
      child = Array(tag.localName)
      firstInside = nil
    case 2:
      firstInside = firstInside ?? Array(tag.localName)
      if child.elementsEqual("features".utf8), tag.localName.elementsEqual("starttls".utf8) {
        isOffered = true
      }
    default: break
    }
  }

  /// Judges a child of the stream that is complete.
  ///
  /// - Returns: Whether the server has accepted.
  private mutating func closeChild(_ output: inout [UInt8]) throws(DialogueFailure) -> Bool {
    switch String(decoding: child, as: UTF8.self) {
    case "features" where !isRequested:
      guard isOffered else { throw .notOffered }
      isRequested = true
      output += Self.request
      return false
    case "proceed" where isRequested: return true
    case "failure" where isRequested, "error": throw .refused(firstInside ?? child)
    default: throw .foreign(child)
    }
  }
}
