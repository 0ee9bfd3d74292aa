// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// The response to a challenge of HTTP's Digest scheme, as a client calculates it and a server verifies it (RFC 7616,
/// section 3.4.1, and RFC 2069 without a quality).
struct DigestResponse {
  /// The hash function.
  let function: ProxyAuthentication.HashFunction
  /// Whether the hash of the password is bound to both nonces (`-sess`).
  var isOfSession = false
  /// The realm of the password.
  let realm: String
  /// The server's nonce.
  let nonce: String
  /// The client's nonce.
  let clientNonce: String
  /// The number of the request among those with the same nonce, in eight digits, if it and the client's nonce are part of
  /// the response (`qop=auth`); `nil` if they are not.
  let counter: String?

  /// The response of a user for a request, in hexadecimal digits; `nil` if the hash function is not available.
  func text(
    user: String, password: String, method: String, target: String, hash: ProxyAuthentication.Hashing
  ) -> String? {
    guard hash(function, []) != nil else { return nil }
    func digest(_ parts: String...) -> String {
      Self.hexadecimal(hash(function, Array(parts.joined(separator: ":").utf8)) ?? [])
    }
    var secret = digest(user, realm, password)
    if isOfSession { secret = digest(secret, nonce, clientNonce) }
    let request = digest(method, target)
    guard let counter else { return digest(secret, nonce, request) }
    return digest(secret, nonce, counter, clientNonce, "auth", request)
  }

  /// Bytes as hexadecimal digits.
  static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
