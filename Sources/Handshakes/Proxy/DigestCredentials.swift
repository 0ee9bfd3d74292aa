// SPDX-License-Identifier: GPL-3.0-or-later

import HTTP

/// What a client answers to a challenge of HTTP's Digest scheme (RFC 7616, section 3.4), with MD5 and either the quality
/// `auth` or none, as in RFC 2069.
struct DigestCredentials: Equatable, Sendable {
  /// The user.
  let user: String
  /// The target for which the response was calculated.
  let target: String
  /// The nonce of the challenge.
  let nonce: String
  private let realm: String
  private let response: String
  private let clientNonce: String
  private let counter: String?

  /// Parses the value of Proxy-Authorization; `nil` if it is of another scheme, or is not supported.
  init?(_ value: [UInt8]) {
    // Credentials have the form of a challenge.
    let parsed = HTTPChallenge.parse(value[...])
    guard let parameters = parsed.first?.parameters, parsed.count == 1, parsed[0].scheme == "digest",
      let user = parameters["username"], let realm = parameters["realm"], let nonce = parameters["nonce"],
      let target = parameters["uri"], let response = parameters["response"],
      parameters["algorithm"]?.uppercased() ?? "MD5" == "MD5"
    else { return nil }
    (self.user, self.realm, self.nonce, self.target, self.response) = (user, realm, nonce, target, response)
    if let quality = parameters["qop"] {
      guard quality == "auth", let counter = parameters["nc"], counter.utf8.count == 8,
        let clientNonce = parameters["cnonce"]
      else { return nil }
      (self.counter, self.clientNonce) = (counter, clientNonce)
    } else {
      (counter, clientNonce) = (nil, "")
    }
  }

  /// Whether they are those of a user with this password, in a time that does not tell where they differ.
  ///
  /// - Parameters:
  ///   - realm: The realm of the challenge.
  ///   - method: The method of the request.
  func areRight(
    password: String, realm: String, method: String, hash: ProxyAuthentication.Hashing
  ) -> Bool {
    let expected = DigestResponse(
      function: .md5, realm: realm, nonce: nonce, clientNonce: clientNonce, counter: counter
    ).text(user: user, password: password, method: method, target: target, hash: hash)
    guard let expected, realm == self.realm else { return false }
    return ConstantTime.areEqual(Array(expected.utf8), Array(response.lowercased().utf8))
  }
}
