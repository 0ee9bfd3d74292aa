// SPDX-License-Identifier: GPL-3.0-or-later

/// The method of a request.
enum HTTPMethod: Equatable, Sendable {
  case get
  case head
  /// A standard method that this server does not offer.
  case refused(String)
  /// An unknown method.
  case unknown(String)

  /// The value of `Allow` in the answer to a refused method.
  static let allowed = "GET, HEAD"

  private static let refused: Set<String> = [
    "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE",
  ]

  /// Parses a method, which is case-sensitive; `nil` if it is not a token.
  init?(_ bytes: some Collection<UInt8>) {
    guard HTTPToken.isToken(bytes) else { return nil }
    if bytes.elementsEqual("GET".utf8) {
      self = .get
    } else if bytes.elementsEqual("HEAD".utf8) {
      self = .head
    } else {
      let name = String(decoding: bytes, as: UTF8.self)
      self = Self.refused.contains(name) ? .refused(name) : .unknown(name)
    }
  }

  /// The method's name.
  var name: String {
    switch self {
    case .get: "GET"
    case .head: "HEAD"
    case .refused(let name), .unknown(let name): name
    }
  }
}
