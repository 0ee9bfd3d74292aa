// SPDX-License-Identifier: GPL-3.0-or-later

import HTTP
package import Sockets

/// The server's side of HTTP's Digest scheme (RFC 7616): it makes the challenges, and judges what clients answer.
///
/// It keeps nothing of a client. A nonce consists of the time when it was made and of a code that only this process can
/// make; so it may be used several times, until it is stale.
package struct DigestAuthority: Sendable {
  /// What a client's credentials are.
  enum Verdict: Equatable {
    /// Those of a user, for this request.
    case right
    /// They would be, with a newer nonce.
    case stale
    /// Wrong, or for another request.
    case wrong
  }

  private let realm: String
  private let hash: ProxyAuthentication.Hashing
  private let secret: [UInt8]
  private let now: @Sendable () -> Deadline

  /// The time for which a nonce is valid.
  package static let lifetime = Duration.seconds(60)

  /// Prepares challenges.
  ///
  /// - Parameters:
  ///   - realm: The name of what the password is for, without quotes and backslashes.
  ///   - secret: What the codes of nonces are made with.
  ///   - now: The present moment.
  /// - Returns: `nil` if a hash function is not available.
  package init?(
    realm: String, hash: @escaping ProxyAuthentication.Hashing, secret: [UInt8] = Self.newSecret,
    now: @escaping @Sendable () -> Deadline = { .now }
  ) {
    guard hash(.md5, []) != nil, hash(.sha256, []) != nil else { return nil }
    (self.realm, self.hash, self.secret, self.now) = (realm, hash, secret, now)
  }

  /// A secret of this process.
  package static var newSecret: [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<32).map { _ in UInt8.random(in: 0...UInt8.max, using: &generator) }
  }

  /// A new challenge.
  ///
  /// - Parameter isStale: Whether the credentials of the client were right but for the age of their nonce.
  func challenge(isStale: Bool) -> String {
    let staleness = isStale ? ", stale=true" : ""
    return "Digest realm=\"\(realm)\", nonce=\"\(nonce(of: now().microseconds))\", qop=\"auth\"\(staleness)"
  }

  /// Judges the credentials of a request.
  ///
  /// - Parameters:
  ///   - method: The method of the request.
  ///   - targets: The forms of the request's target for which they may have been calculated.
  ///   - users: The users, with their passwords.
  func judge(
    _ credentials: DigestCredentials, method: String, targets: [String], among users: UserList
  ) -> Verdict {
    let password = users.password(of: Array(credentials.user.utf8))
    // That of an unknown user takes the same time.
    let areRight = credentials.areRight(
      password: String(decoding: password ?? [], as: UTF8.self), realm: realm, method: method, hash: hash)
    guard let age = age(of: credentials.nonce), areRight, password != nil,
      targets.contains(credentials.target)
    else { return .wrong }
    return age <= Self.lifetime ? .right : .stale
  }

  /// The nonce of a moment, in microseconds.
  private func nonce(of moment: Int64) -> String {
    let time = String(moment, radix: 16)
    // Two hashes with the secret, as in HMAC (RFC 2104), so that a longer text has no code that follows from this one.
    let inner = hash(.sha256, secret + Array(time.utf8)) ?? []
    return "\(time)-\(DigestResponse.hexadecimal((hash(.sha256, secret + inner) ?? []).prefix(16)))"
  }

  /// The age of a nonce; `nil` if it was not made here.
  private func age(of nonce: String) -> Duration? {
    guard let moment = Int64(nonce.prefix { $0 != "-" }, radix: 16),
      ConstantTime.areEqual(Array(self.nonce(of: moment).utf8), Array(nonce.utf8))
    else { return nil }
    return .microseconds(now().microseconds - moment)
  }
}
