// SPDX-License-Identifier: GPL-3.0-or-later

/// A challenge of HTTP's Digest scheme (RFC 7616, and RFC 2069 for proxies without `qop`).
struct DigestChallenge: Equatable, Sendable {
  /// The hash function.
  let function: ProxyAuthentication.HashFunction
  /// Whether the hash of the password is bound to both nonces (`-sess`).
  private let isOfSession: Bool
  private let realm: String
  private let nonce: String
  private let opaque: String?
  /// The function as the proxy has named it; `nil` if it has not.
  private let algorithm: String?
  /// Whether the client's nonce and a count are part of the answer.
  private let hasQuality: Bool
  /// Whether the nonce of the request was too old, and its credentials were right.
  let isStale: Bool

  /// Reads a challenge; `nil` if it is of another scheme, or not supported.
  init?(_ challenge: HTTPChallenge) {
    guard challenge.scheme == "digest", let realm = challenge.parameters["realm"],
      let nonce = challenge.parameters["nonce"]
    else { return nil }
    algorithm = challenge.parameters["algorithm"]
    let name = (algorithm ?? "MD5").uppercased()
    isOfSession = name.hasSuffix("-SESS")
    guard
      let function = ProxyAuthentication.HashFunction(rawValue: isOfSession ? String(name.dropLast(5)) : name)
    else { return nil }
    self.function = function
    if let qualities = challenge.parameters["qop"] {
      // The other one, auth-int, protects a body, which CONNECT does not have.
      guard qualities.split(whereSeparator: { ", ".contains($0) }).contains("auth") else { return nil }
      hasQuality = true
    } else {
      hasQuality = false
    }
    (self.realm, self.nonce) = (realm, nonce)
    opaque = challenge.parameters["opaque"]
    isStale = challenge.parameters["stale"]?.lowercased() == "true"
  }

  /// The value of Proxy-Authorization; `nil` if the hash function is not available.
  ///
  /// - Parameters:
  ///   - count: The number of this request among those with the same nonce.
  ///   - ours: The client's nonce.
  func answer(
    _ credentials: UserCredentials, method: String, target: String, count: Int, ours: String,
    hash: ProxyAuthentication.Hashing
  ) -> String? {
    let number = String(count, radix: 16)
    let counter = String(repeating: "0", count: max(0, 8 - number.count)) + number
    let calculation = DigestResponse(
      function: function, isOfSession: isOfSession, realm: realm, nonce: nonce, clientNonce: ours,
      counter: hasQuality ? counter : nil)
    guard
      let response = calculation.text(
        user: credentials.user, password: credentials.password, method: method, target: target, hash: hash)
    else { return nil }
    var fields = [
      "username=\(Self.quoted(credentials.user))", "realm=\(Self.quoted(realm))",
      "nonce=\(Self.quoted(nonce))", "uri=\(Self.quoted(target))", "response=\(Self.quoted(response))",
    ]
    if let algorithm { fields.append("algorithm=\(algorithm)") }
    if let opaque { fields.append("opaque=\(Self.quoted(opaque))") }
    if hasQuality { fields += ["qop=auth", "nc=\(counter)"] }
    if hasQuality || isOfSession { fields.append("cnonce=\(Self.quoted(ours))") }
    return "Digest " + fields.joined(separator: ", ")
  }

  private static func quoted(_ text: String) -> String {
    "\"" + text.map { $0 == "\\" || $0 == "\"" ? "\\\($0)" : "\($0)" }.joined() + "\""
  }
}
