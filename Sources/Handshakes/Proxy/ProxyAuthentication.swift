// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Synchronization
import Text

/// How a client authenticates at an HTTP proxy: what it has, and what it has learned of the proxy's demands.
///
/// Nothing is sent before the proxy has asked for it. All connections to the proxy share this.
package final class ProxyAuthentication: Sendable {
  /// The hash functions of the Digest scheme.
  package enum HashFunction: String, CaseIterable, Sendable {
    /// The stronger one.
    case sha256 = "SHA-256"
    /// That of old proxies.
    case md5 = "MD5"
  }

  /// Calculates a hash; `nil` if the function is not available.
  package typealias Hashing = @Sendable (HashFunction, [UInt8]) -> [UInt8]?

  /// Whether a refused request is to be repeated.
  enum Verdict: Equatable {
    /// On a new connection, with what was learned.
    case repeatable
    /// It is not, for this reason.
    case refused(String)
  }

  private enum Scheme {
    case basic
    case bearer
    case digest(DigestChallenge)
  }

  private struct State {
    var scheme: Scheme?
    /// The number of requests with the same nonce.
    var count = 0
    /// Whether the proxy has accepted one of them.
    var isProven = false
  }

  private let source: ProxyCredentialSource?
  private let hash: Hashing
  private let makeNonce: @Sendable () -> String
  private let state = Guarded(State())

  /// - Parameters:
  ///   - source: Where the credentials come from; `nil` for nothing to authenticate with.
  ///   - makeNonce: Makes the client's nonces.
  package init(
    by source: ProxyCredentialSource?, hash: @escaping Hashing,
    makeNonce: @escaping @Sendable () -> String = { String(UInt64.random(in: 0...UInt64.max), radix: 16) }
  ) {
    (self.source, self.hash, self.makeNonce) = (source, hash, makeNonce)
  }

  /// Authenticates with known credentials; `nil` for nothing.
  package convenience init(
    _ credentials: ProxyCredentials?, hash: @escaping Hashing,
    makeNonce: @escaping @Sendable () -> String = { String(UInt64.random(in: 0...UInt64.max), radix: 16) }
  ) {
    self.init(by: credentials.map { .known($0) }, hash: hash, makeNonce: makeNonce)
  }

  /// The question for the credentials; `nil` if they are known, or there is nothing to authenticate with.
  var question: CredentialQuestion? { source?.question }

  private var credentials: ProxyCredentials? {
    guard let source, source.question == nil else { return nil }
    return try? source.credentials()
  }

  /// The value of Proxy-Authorization for a request; `nil` as long as the proxy has not asked for it.
  func authorization(method: String, target: String) -> String? {
    let (scheme, count) = state.withLock { state in
      state.count += 1
      return (state.scheme, state.count)
    }
    switch (scheme, credentials) {
    case (.basic?, .user(let user)?):
      return "Basic \(Base64.text(of: Array("\(user.user):\(user.password)".utf8).span))"
    case (.bearer?, .bearer(let token)?): return "Bearer \(token)"
    case (.digest(let challenge)?, .user(let user)?):
      return challenge.answer(
        user, method: method, target: target, count: count, ours: makeNonce(), hash: hash)
    default: return nil
    }
  }

  /// Notes that the proxy has accepted a request.
  func noteSuccess() { state.withLock { $0.isProven = true } }

  /// Judges the challenges of an answer with status 407.
  ///
  /// - Parameter authorization: What the request has contained.
  func judge(_ challenges: [HTTPChallenge], after authorization: String?) -> Verdict {
    guard let credentials else {
      return .refused("it requires authentication (--proxy-auth-file FILE)")
    }
    let digests = challenges.compactMap(DigestChallenge.init)
    let digest = HashFunction.allCases.compactMap { function in digests.first { $0.function == function } }
      .first
    let scheme: Scheme?
    switch credentials {
    case .bearer: scheme = challenges.contains { $0.scheme == "bearer" } ? .bearer : nil
    case .user:
      scheme = digest.map { .digest($0) } ?? (challenges.contains { $0.scheme == "basic" } ? .basic : nil)
    }
    guard let scheme else {
      let offers = challenges.map(\.scheme).joined(separator: ", ")
      return .refused(
        "it offers no usable authentication\(offers.isEmpty ? "" : " (\(TerminalSafe.escape(offers)))")")
    }
    // A nonce that was accepted can become too old.
    if authorization != nil {
      guard case .digest(let challenge) = scheme, challenge.isStale, state.withLock({ $0.isProven }) else {
        return .refused("it did not accept the credentials")
      }
    }
    if case .digest(let challenge) = scheme, hash(challenge.function, []) == nil {
      return .refused("its hash function \(challenge.function.rawValue) is not available here")
    }
    state.withLock { $0 = State(scheme: scheme) }
    return .repeatable
  }
}
