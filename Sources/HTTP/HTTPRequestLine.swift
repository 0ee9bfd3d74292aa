// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// The first line of a request (RFC 9112, section 3).
struct HTTPRequestLine: Equatable, Sendable {
  /// The method.
  let method: HTTPMethod
  /// The target.
  let target: HTTPTarget
  /// Whether the version is HTTP/1.1, or a later HTTP/1 version; otherwise it is HTTP/1.0.
  let isHTTP11: Bool

  /// Parses a line.
  init(_ line: [UInt8]) throws(HTTPError) {
    let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard words.count == 3 else {
      throw .malformed("the request line is not a method, a target and a version with one space in between")
    }
    guard let method = HTTPMethod(words[0]) else { throw .malformed("the method is not a word") }
    isHTTP11 = try Self.isHTTP11(words[2])
    target = try HTTPTarget(words[1], of: method)
    self.method = method
  }

  private static func isHTTP11(_ version: ArraySlice<UInt8>) throws(HTTPError) -> Bool {
    let digits = version.dropFirst(5)
    guard version.starts(with: "HTTP/".utf8), let major = digits.first, let minor = digits.last,
      digits.count == 3, major.isDigit, minor.isDigit, digits.dropFirst().first == UInt8(ascii: ".")
    else { throw .malformed("the version is not HTTP/1.1 or HTTP/1.0") }
    guard major == UInt8(ascii: "1") else {
      throw HTTPError(.versionNotSupported, "this server speaks HTTP/1.1 and HTTP/1.0")
    }
    return minor > UInt8(ascii: "0")
  }
}

/// The method of a request.
enum HTTPMethod: Equatable, Sendable {
  case get
  case head
  case options
  case post
  case put
  /// Another standard method.
  case refused(String)
  /// An unknown method.
  case unknown(String)

  private static let refused: Set<String> = ["DELETE", "PATCH", "CONNECT", "TRACE"]
  private static let others: [String: HTTPMethod] = ["OPTIONS": .options, "POST": .post, "PUT": .put]

  /// Parses a method, which is case-sensitive; `nil` if it is not a token.
  init?(_ bytes: some Collection<UInt8>) {
    guard HTTPToken.isToken(bytes) else { return nil }
    if bytes.elementsEqual("GET".utf8) {
      self = .get
    } else if bytes.elementsEqual("HEAD".utf8) {
      self = .head
    } else {
      let name = String(decoding: bytes, as: UTF8.self)
      self = Self.others[name] ?? (Self.refused.contains(name) ? .refused(name) : .unknown(name))
    }
  }

  /// The method's name.
  var name: String {
    switch self {
    case .get: "GET"
    case .head: "HEAD"
    case .options: "OPTIONS"
    case .post: "POST"
    case .put: "PUT"
    case .refused(let name), .unknown(let name): name
    }
  }
}
