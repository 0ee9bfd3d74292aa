// SPDX-License-Identifier: GPL-3.0-or-later

/// What a request asks for.
enum HTTPMethod: Equatable, Sendable {
  case get
  case head
  /// A method that everybody knows and this server does not offer.
  case refused(String)
  /// A method that this server has never heard of.
  case unknown(String)

  /// For the answer to a method that is refused.
  static let allowed = "GET, HEAD"

  private static let refused: Set<String> = [
    "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE",
  ]

  /// Reads a method, whose capitals count; `nil` if it is not even a word.
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
