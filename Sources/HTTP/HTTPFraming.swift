// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// The end of a request's body (RFC 9112, section 6).
///
/// Everything that two programs might interpret differently is refused: a request that one of them takes for the body
/// of another bypasses every check between them (request smuggling).
package enum HTTPFraming: Equatable, Sendable {
  /// There is no body.
  case none
  /// After this many bytes, at least one.
  case length(Int)
  /// After a chunk of length zero.
  case chunked

  /// Determines the framing from the header fields.
  init(_ fields: HTTPFields, isHTTP11: Bool) throws(HTTPError) {
    let lengths = fields.all(.contentLength)
    guard let codings = fields.list(.transferEncoding) else {
      self = try Self.framing(lengths)
      return
    }
    guard lengths.isEmpty else { throw .malformed("both a Content-Length and a Transfer-Encoding") }
    guard isHTTP11 else { throw .malformed("a Transfer-Encoding in HTTP/1.0") }
    let names = HTTPToken.list(codings)
    for name in names where !name.equals("chunked") {
      guard let word = name.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).first,
        HTTPToken.isToken(word.withoutBlanks), !word.withoutBlanks.equals("chunked")
      else { throw .malformed("an invalid Transfer-Encoding") }
    }
    guard names.last?.equals("chunked") == true else {
      throw .malformed("the length of the body is unknown: the last transfer coding is not 'chunked'")
    }
    guard names.count(where: { $0.equals("chunked") }) == 1 else {
      throw .malformed("a body that is chunked more than once")
    }
    guard names.count == 1 else {
      throw HTTPError(.notImplemented, "the only supported transfer coding is chunked")
    }
    self = .chunked
  }

  private static func framing(_ lengths: [[UInt8]]) throws(HTTPError) -> HTTPFraming {
    guard lengths.count <= 1 else { throw .malformed("more than one Content-Length") }
    guard let length = lengths.first else { return .none }
    guard let number = length.decimalClamped else { throw .malformed("the Content-Length is not a number") }
    return number == 0 ? .none : .length(number)
  }
}
