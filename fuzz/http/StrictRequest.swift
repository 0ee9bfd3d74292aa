// SPDX-License-Identifier: GPL-3.0-or-later

/// A request that keeps every rule of RFC 9112, read the plain way out of bytes that are all there.
///
/// Nothing of the server is used for it. Where the server takes what the grammar leaves out, it is said here.
struct StrictRequest {
  /// What is wrong with it, or that it is not complete.
  struct Fault: Error {}

  /// The method.
  let method: String

  private let isHTTP11: Bool
  private let fields: [(name: String, value: [UInt8])]

  /// Takes a request and its body off the front of bytes.
  init(from rest: inout ArraySlice<UInt8>) throws(Fault) {
    // Section 2.2: one empty line may precede it.
    if rest.starts(with: "\r\n".utf8) { rest = rest.dropFirst(2) }
    var lines = try Self.lines(from: &rest)
    let words = lines.removeFirst().split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard words.count == 3, Self.isToken(words[0]) else { throw Fault() }
    method = String(decoding: words[0], as: UTF8.self)
    let version = String(decoding: words[2], as: UTF8.self)
    guard (0...9).contains(where: { version == "HTTP/1.\($0)" }) else { throw Fault() }
    isHTTP11 = version != "HTTP/1.0"
    fields = try Self.fields(lines)
    guard StrictTarget.isValid(Array(words[1]), of: method) else { throw Fault() }
    try checkHost()
    try takeBody(from: &rest)
  }

  /// Takes lines off the front, up to an empty one and without it; none of them has a control character but tabs.
  private static func lines(from rest: inout ArraySlice<UInt8>) throws(Fault) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    while let end = rest.firstIndex(of: UInt8(ascii: "\r")) {
      let line = Array(rest[..<end])
      let isOrdinary = line.allSatisfy { $0 == UInt8(ascii: "\t") || $0 >= 0x20 && $0 != 0x7F }
      guard isOrdinary, rest[end...].starts(with: "\r\n".utf8) else { throw Fault() }
      rest = rest[(end + 2)...]
      if line.isEmpty, !lines.isEmpty { return lines }
      lines.append(line)
    }
    throw Fault()
  }

  /// Section 5: no space before the colon, and no line that continues another.
  private static func fields(_ lines: [[UInt8]]) throws(Fault) -> [(name: String, value: [UInt8])] {
    var fields: [(name: String, value: [UInt8])] = []
    for line in lines {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")), isToken(line[..<colon]) else { throw Fault() }
      let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
      let value = line[(colon + 1)...].drop(while: isBlank).reversed().drop(while: isBlank).reversed()
      fields.append((String(decoding: line[..<colon], as: UTF8.self).lowercased(), Array(value)))
    }
    return fields
  }

  /// Section 3.2: one that is valid; a client of HTTP/1.0 may leave it out.
  private func checkHost() throws(Fault) {
    let hosts = values("host")
    guard hosts.count == 1 || hosts.isEmpty && !isHTTP11 else { throw Fault() }
    guard hosts.allSatisfy(StrictTarget.isAuthority) else { throw Fault() }
  }

  /// Section 6.
  private func takeBody(from rest: inout ArraySlice<UInt8>) throws(Fault) {
    let (lengths, codings) = (values("content-length"), values("transfer-encoding"))
    guard lengths.isEmpty || codings.isEmpty else { throw Fault() }
    guard codings.isEmpty else {
      // What else there is the server does not understand.
      let isChunked = codings.map { String(decoding: $0, as: UTF8.self).lowercased() } == ["chunked"]
      guard isChunked, isHTTP11 else { throw Fault() }
      return try Self.takeChunks(from: &rest)
    }
    guard let text = lengths.first else { return }
    // The same one twice would be allowed, and is refused.
    guard lengths.count == 1, !text.isEmpty, text.allSatisfy({ (0x30...0x39).contains($0) }),
      let length = Int(String(decoding: text, as: UTF8.self)), length <= rest.count
    else { throw Fault() }
    rest = rest.dropFirst(length)
  }

  /// Section 7.1.
  private static func takeChunks(from rest: inout ArraySlice<UInt8>) throws(Fault) {
    while true {
      guard let end = rest.firstIndex(of: UInt8(ascii: "\r")) else { throw Fault() }
      let line = rest[..<end]
      let digits = line.prefix { byte in Character(Unicode.Scalar(byte)).isHexDigit }
      guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16) else { throw Fault() }
      guard digits.count == line.count || areExtensions(line[digits.endIndex...]) else { throw Fault() }
      rest = rest[end...]
      try takeLineEnd(from: &rest)
      guard size > 0 else { break }
      guard size <= rest.count else { throw Fault() }
      rest = rest.dropFirst(size)
      try takeLineEnd(from: &rest)
    }
    if rest.starts(with: "\r\n".utf8) { return rest = rest.dropFirst(2) }
    _ = try fields(lines(from: &rest))
  }

  private static func takeLineEnd(from rest: inout ArraySlice<UInt8>) throws(Fault) {
    guard rest.starts(with: "\r\n".utf8) else { throw Fault() }
    rest = rest.dropFirst(2)
  }

  /// No more than that there is a semicolon before anything else, and no control character.
  private static func areExtensions(_ bytes: ArraySlice<UInt8>) -> Bool {
    let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    return bytes.drop(while: isBlank).first == UInt8(ascii: ";")
      && bytes.allSatisfy { $0 == UInt8(ascii: "\t") || $0 >= 0x20 && $0 != 0x7F }
  }

  private static func isToken(_ bytes: some Collection<UInt8>) -> Bool {
    !bytes.isEmpty
      && bytes.allSatisfy { (0x21...0x7E).contains($0) && !"\"(),/:;<=>?@[\\]{}".utf8.contains($0) }
  }

  private func values(_ name: String) -> [[UInt8]] { fields.filter { $0.name == name }.map(\.value) }
}
