// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Text

/// The target of a request (RFC 9112, section 3.2).
struct HTTPTarget: Equatable, Sendable {
  /// The target as it was sent, which is ASCII without spaces and control characters.
  let text: String
  /// The host and the port of the origin server, if the target begins with `http://`.
  let authority: String?
  /// The path, unless the target is the server itself or an authority to connect to.
  let path: HTTPPath?

  /// Parses a target: `/path?query` or `http://host/path?query`; for OPTIONS also `*`, and for CONNECT only
  /// `host:port`.
  init(_ bytes: ArraySlice<UInt8>, of method: HTTPMethod) throws(HTTPError) {
    guard !bytes.isEmpty, bytes.allSatisfy(Self.isAllowed) else {
      throw .malformed("the target has characters that have to be percent-encoded")
    }
    text = String(decoding: bytes, as: UTF8.self)
    switch method {
    case .refused("CONNECT"):
      guard HTTPAuthority.isValid(bytes), bytes.contains(UInt8(ascii: ":")), bytes.last?.isDigit == true
      else {
        throw .malformed("the target of CONNECT is not a host and a port")
      }
      (authority, path) = (nil, nil)
    case .options where bytes.elementsEqual("*".utf8): (authority, path) = (nil, nil)
    default:
      let (origin, rest) = try Self.split(bytes)
      authority = origin.map { String(decoding: $0, as: UTF8.self) }
      path = try HTTPPath(rest)
    }
  }

  /// Whether a byte is accepted in a target. Brackets, braces, the bar, the caret and the grave accent are not allowed,
  /// but browsers send them as they are typed.
  private static func isAllowed(_ byte: UInt8) -> Bool {
    (0x21...0x7E).contains(byte) && !"\"#<>\\".utf8.contains(byte)
  }

  /// Separates the authority of the origin server, if there is one, from the path.
  private static func split(
    _ bytes: ArraySlice<UInt8>
  ) throws(HTTPError) -> (authority: ArraySlice<UInt8>?, path: ArraySlice<UInt8>) {
    if bytes.first == UInt8(ascii: "/") { return (nil, bytes) }
    guard bytes.prefix(7).equals("http://") else {
      throw .malformed("the target is neither a path nor begins with http://")
    }
    let rest = bytes.dropFirst(7)
    let authority = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
    guard !authority.isEmpty, authority.first != UInt8(ascii: ":"), HTTPAuthority.isValid(authority) else {
      throw .malformed("the host of the target is invalid")
    }
    let path = rest[authority.endIndex...]
    // The path of http://host?query is /, too.
    return (authority, path.first == UInt8(ascii: "/") ? path : [UInt8(ascii: "/")] + path)
  }
}
