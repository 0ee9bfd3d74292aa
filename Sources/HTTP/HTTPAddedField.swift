// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Text

/// A header field that the operator of a server adds to every answer, or a client to its requests to a proxy.
package struct HTTPAddedField: Equatable, Sendable {
  /// Why a text is not such a field.
  package enum Fault: Error, Equatable {
    /// It is not a name, a colon, and a value without control characters.
    case malformed
    /// The server sets the field itself.
    case reserved
  }

  /// The fields that the server sets itself: a second value would contradict the first.
  package static let reserved = [
    "Accept-Ranges", "Allow", "Connection", "Content-Disposition", "Content-Encoding", "Content-Length",
    "Content-Range", "Content-Type", "Date", "ETag", "Last-Modified", "Location", "Transfer-Encoding",
    "Upgrade",
    "WWW-Authenticate", "X-Content-Type-Options",
  ]

  /// The name as it was written.
  package let name: String
  /// The value.
  package let value: String

  /// The fields of a request to a proxy that its client sets itself.
  package static let reservedForProxies = [
    "Connection", "Content-Length", "Host", "Proxy-Authorization", "Transfer-Encoding",
  ]

  /// Parses `NAME: VALUE`; the value may be empty.
  ///
  /// - Parameter reserved: The names that are refused.
  package init(_ text: String, reserved: [String] = reserved) throws(Fault) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, HTTPToken.isToken(parts[0].utf8), ByteText.isText(text),
      parts[1].utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == UInt8(ascii: "\t") })
    else { throw .malformed }
    self.init(
      name: String(parts[0]), value: String(decoding: Array(parts[1].utf8).withoutBlanks, as: UTF8.self))
    guard !reserved.contains(where: { isNamed($0) }) else { throw .reserved }
  }

  private init(name: String, value: String) {
    self.name = name
    self.value = value
  }

  /// Whether it has a name, ignoring case.
  package func isNamed(_ other: String) -> Bool {
    name.utf8.count == other.utf8.count
      && name.utf8.elementsEqual(other.utf8) { $0.lowercased == $1.lowercased }
  }
}

/// The fields with which pages of other sites are allowed to read the answers (Cross-Origin Resource Sharing; WHATWG
/// Fetch, section 3.2).
enum CrossOrigin {
  /// In every answer: any page may read it, and its header.
  static let grants = [
    (name: "Access-Control-Allow-Origin", value: "*"), (name: "Access-Control-Expose-Headers", value: "*"),
  ]

  /// In the answer to a preflight request. Pages of other sites may read, and not upload.
  static let preflight = [
    (name: "Access-Control-Allow-Methods", value: "GET, HEAD"),
    // The wildcard does not cover Authorization.
    (name: "Access-Control-Allow-Headers", value: "*, Authorization"),
    (name: "Access-Control-Max-Age", value: "86400"),
  ]
}
