// SPDX-License-Identifier: GPL-3.0-or-later

import FuzzSupport

/// A request that keeps every rule of RFC 9112, read the plain way out of bytes that are all there.
///
/// Nothing of the server is used for it. Where the server takes what the grammar leaves out, it is said here.
struct StrictRequest {
  /// What is wrong with it, or that it is not complete.
  typealias Fault = StrictMessage.Fault

  /// The method.
  let method: String

  private let isHTTP11: Bool
  private let fields: [(name: String, value: [UInt8])]

  /// Takes a request and its body off the front of bytes.
  init(from rest: inout ArraySlice<UInt8>) throws(Fault) {
    // Section 2.2: one empty line may precede it.
    if rest.starts(with: "\r\n".utf8) { rest = rest.dropFirst(2) }
    var lines = try StrictMessage.lines(from: &rest)
    let words = lines.removeFirst().split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard words.count == 3, StrictMessage.isToken(words[0]) else { throw Fault() }
    method = String(decoding: words[0], as: UTF8.self)
    let version = String(decoding: words[2], as: UTF8.self)
    guard (0...9).contains(where: { version == "HTTP/1.\($0)" }) else { throw Fault() }
    isHTTP11 = version != "HTTP/1.0"
    fields = try StrictMessage.fields(lines)
    guard StrictTarget.isValid(Array(words[1]), of: method) else { throw Fault() }
    try checkHost()
    try takeBody(from: &rest)
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
      return try StrictMessage.takeChunks(from: &rest)
    }
    guard let text = lengths.first else { return }
    // The same one twice would be allowed, and is refused.
    guard lengths.count == 1, !text.isEmpty, text.allSatisfy({ (0x30...0x39).contains($0) }),
      let length = Int(String(decoding: text, as: UTF8.self)), length <= rest.count
    else { throw Fault() }
    rest = rest.dropFirst(length)
  }

  private func values(_ name: String) -> [[UInt8]] { fields.filter { $0.name == name }.map(\.value) }
}
