// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// The header fields of a request that this server evaluates.
enum HTTPFieldName: String, CaseIterable, Sendable {
  case acceptEncoding = "accept-encoding"
  case authorization
  case connection
  case contentLength = "content-length"
  case contentRange = "content-range"
  case contentType = "content-type"
  case expect
  case host
  case ifMatch = "if-match"
  case ifModifiedSince = "if-modified-since"
  case ifNoneMatch = "if-none-match"
  case ifRange = "if-range"
  case ifUnmodifiedSince = "if-unmodified-since"
  case origin
  case proxyAuthorization = "proxy-authorization"
  case range
  case secFetchSite = "sec-fetch-site"
  case transferEncoding = "transfer-encoding"

  private static let table = allCases.map { (name: Array($0.rawValue.utf8), field: $0) }

  /// The field with a name, ignoring case; `nil` for all others.
  static func named(_ name: ArraySlice<UInt8>) -> HTTPFieldName? {
    table.first { entry in
      entry.name.count == name.count && entry.name.elementsEqual(name) { $0 == $1.lowercased }
    }?.field
  }
}

/// The header fields of a request: all are validated, and the relevant ones are kept.
struct HTTPFields: Equatable, Sendable {
  private var names: [HTTPFieldName] = []
  private var values: [[UInt8]] = []

  /// Creates an empty header.
  init() {}

  /// Adds a line (RFC 9112, section 5).
  mutating func add(_ line: [UInt8]) throws(HTTPError) {
    guard let first = line.first, !first.isBlank else {
      throw .malformed("a header field that is continued on a second line")
    }
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
      throw .malformed("a header field without a colon")
    }
    guard HTTPToken.isToken(line[..<colon]) else {
      throw .malformed("the name of a header field is not a word directly before the colon")
    }
    guard let name = HTTPFieldName.named(line[..<colon]) else { return }
    names.append(name)
    values.append(Array(line[(colon + 1)...].withoutBlanks))
  }

  /// All values of a field, in order.
  func all(_ name: HTTPFieldName) -> [[UInt8]] {
    names.indices.filter { names[$0] == name }.map { values[$0] }
  }

  /// The value of a field that must occur once; `nil` if it is missing or occurs more than once.
  func single(_ name: HTTPFieldName) -> [UInt8]? {
    guard let index = names.firstIndex(of: name), names.lastIndex(of: name) == index else { return nil }
    return values[index]
  }

  /// The value of a list field; `nil` if it is missing.
  func list(_ name: HTTPFieldName) -> [UInt8]? {
    names.contains(name) ? Array(all(name).joined(separator: ", ".utf8)) : nil
  }

  /// Whether a list of words contains a word, ignoring case.
  func list(_ name: HTTPFieldName, contains word: StaticString) -> Bool {
    list(name).map { HTTPToken.list($0).contains { $0.equals(word) } } ?? false
  }
}

/// Counts the header fields, or the trailer fields, against their limits.
struct HTTPFieldTally {
  private var fields = 0
  private var bytes = 0

  /// Creates counters at zero.
  init() {}

  /// The maximum number of bytes of the next line.
  func room(_ limits: HTTPLimits) -> Int { limits.fieldBytes - bytes }

  /// Counts a line that was within the limit.
  mutating func count(_ line: [UInt8], _ limits: HTTPLimits) throws(HTTPError) {
    fields += 1
    bytes += line.count
    guard fields <= limits.fieldCount else {
      throw HTTPError(.headerTooLarge, "more than \(limits.fieldCount) header fields")
    }
  }
}

/// The tokens of HTTP's grammar (RFC 9110, section 5.6).
package enum HTTPToken {
  private static let isAllowed: [Bool] = (UInt8.min...UInt8.max).map { byte in
    byte.isDigit || byte.isLetter || "!#$%&'*+-.^_`|~".utf8.contains(byte)
  }

  /// Whether a byte can be part of a token.
  package static func isTokenByte(_ byte: UInt8) -> Bool { isAllowed[Int(byte)] }

  /// Whether bytes are a token: the name of a method, a field or a parameter.
  package static func isToken(_ bytes: some Collection<UInt8>) -> Bool {
    !bytes.isEmpty && bytes.allSatisfy(isTokenByte)
  }

  /// The name of a header field in small letters, from its line; empty if it has none.
  static func fieldName(_ line: [UInt8]) -> String {
    let name = line.prefix { $0 != UInt8(ascii: ":") }
    return name.count == line.count ? "" : String(decoding: name.map(\.lowercased), as: UTF8.self)
  }

  /// The elements of a list, which may be empty, without surrounding blanks; a comma in quotes is a separator too.
  static func list(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    bytes.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map(\.withoutBlanks)
  }
}
