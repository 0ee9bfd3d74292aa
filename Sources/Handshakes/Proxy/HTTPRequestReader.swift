// SPDX-License-Identifier: GPL-3.0-or-later

import HTTP
import Sockets

/// Reads a request of HTTP: one for a connection, or one to pass on to an origin server.
struct HTTPRequestReader: ProxyRequestReading {
  private let origin: ProxyRequestOrigin
  /// Whether what the client sends is no request of HTTP, by its first byte.
  private let isForeign: Bool
  private var parser: HTTPProxyRequestParser
  private var verification: UserVerification?
  private(set) var request: ProxyRequest?

  /// Expects a request.
  ///
  /// - Parameter isForeign: Whether what comes is refused whatever it is.
  init(_ origin: ProxyRequestOrigin, isForeign: Bool = false) {
    (self.origin, self.isForeign) = (origin, isForeign)
    parser = HTTPProxyRequestParser(origin.style.rules)
  }

  mutating func step(_ bytes: Span<UInt8>, _ output: inout [UInt8]) throws(IOFailure) -> HandshakeStep {
    var index = 0
    do throws(HTTPError) {
      guard !isForeign else { throw .malformed("the client does not speak HTTP") }
      guard try parser.read(bytes, from: &index) else { return .incomplete }
    } catch {
      refuse(origin.style.refusal(error), .peerProtocol(error.reason))
      return .complete(taken: bytes.count)
    }
    if let users = origin.users, verification == nil {
      if let digest = origin.digest, let credentials = parser.authorization.flatMap(DigestCredentials.init) {
        take(
          digest.judge(credentials, method: parser.method, targets: parser.targets, among: users),
          credentials.user)
        return .complete(taken: index)
      }
      guard let credentials = parser.credentials else {
        demandCredentials("a user name and a password are required")
        return .complete(taken: index)
      }
      let new = UserVerification(of: credentials, among: users)
      verification = new
      return .verify(new, taken: index)
    }
    if let verification, verification.isGranted != true {
      demandCredentials("the user or the password is wrong")
    } else {
      take(from: parser.credentials.map { String(decoding: $0.user, as: UTF8.self) })
    }
    return .complete(taken: index)
  }

  /// A client that has half-closed the connection can still read an answer.
  mutating func end() throws(IOFailure) {
    guard parser.hasBegun else { throw origin.prematureEnd }
    let failure = origin.prematureEnd
    refuse(origin.style.refusal(.malformed(failure.explanation)), failure.reason)
  }

  private mutating func refuse(_ answer: [UInt8], _ reason: IOFailure.Reason) {
    request = ProxyRequest(.http, .refuse(answer, origin.failure(reason)), origin.style)
  }

  private mutating func demandCredentials(_ words: String, isStale: Bool = false) {
    refuse(
      origin.style.demand(words, digest: origin.digest?.challenge(isStale: isStale)), .untrusted(words))
  }

  private mutating func take(_ verdict: DigestAuthority.Verdict, _ user: String) {
    switch verdict {
    case .right: take(from: user)
    case .stale: demandCredentials("the challenge is too old", isStale: true)
    case .wrong: demandCredentials("the user or the password is wrong")
    }
  }

  private mutating func take(from user: String?) {
    take()
    request?.user = user
  }

  private mutating func take() {
    switch parser.request {
    case .connect(let place)?: take(place) { .connect($0) }
    case .forward(let forwarded)?: take(forwarded.target) { .exchange($0, forwarded) }
    case nil: preconditionFailure("the header is complete")
    }
  }

  private mutating func take(_ place: HTTPHostAndPort, _ action: (ProxyTarget) -> ProxyRequest.Action) {
    guard let target = ProxyTarget(place) else {
      let words = "the host of the target is malformed"
      return refuse(origin.style.refusal(.malformed(words)), .peerProtocol(words))
    }
    request = ProxyRequest(.http, action(target), origin.style)
  }
}

extension ProxyTarget {
  /// The host of an authority; `nil` if it is neither an address nor a name.
  fileprivate init?(_ place: HTTPHostAndPort) {
    if let address = IPAddress(place.host) {
      guard (address.family == .ipv6) == place.isBracketed, !address.hasZone else { return nil }
      self.init(.address(address), port: place.port)
    } else {
      guard !place.isBracketed else { return nil }
      self.init(name: Array(place.host.utf8), port: place.port)
    }
  }
}
