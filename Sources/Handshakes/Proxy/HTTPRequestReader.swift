// SPDX-License-Identifier: GPL-3.0-or-later

import HTTP
import Sockets

/// Reads a request of HTTP: one for a connection, or one to pass on to an origin server.
struct HTTPRequestReader: ProxyRequestReading {
  private let origin: ProxyRequestOrigin
  private var parser = HTTPProxyRequestParser()
  private var verification: UserVerification?
  private(set) var request: ProxyRequest?

  /// Expects a request.
  init(_ origin: ProxyRequestOrigin) { self.origin = origin }

  mutating func step(_ bytes: Span<UInt8>, _ output: inout [UInt8]) throws(IOFailure) -> HandshakeStep {
    var index = 0
    do throws(HTTPError) {
      guard try parser.read(bytes, from: &index) else { return .incomplete }
    } catch {
      let fields =
        error.status == .methodNotAllowed ? "Allow: CONNECT, GET, HEAD, OPTIONS, POST, PUT\r\n" : ""
      refuse(
        ProxyRequest.refusal(error.status.rawValue, error.status.phrase, error.reason, fields),
        .peerProtocol(error.reason))
      return .complete(taken: bytes.count)
    }
    if let users = origin.users, verification == nil {
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
      take()
      request?.user = parser.credentials.map { String(decoding: $0.user, as: UTF8.self) }
    }
    return .complete(taken: index)
  }

  private mutating func refuse(_ answer: [UInt8], _ reason: IOFailure.Reason) {
    request = ProxyRequest(.http, .refuse(answer, origin.failure(reason)))
  }

  private mutating func demandCredentials(_ words: String) {
    refuse(
      ProxyRequest.refusal(
        407, "Proxy Authentication Required", words,
        "Proxy-Authenticate: Basic realm=\"sockkit\", charset=\"UTF-8\"\r\n"),
      .untrusted(words))
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
      return refuse(ProxyRequest.refusal(400, "Bad Request", words), .peerProtocol(words))
    }
    request = ProxyRequest(.http, action(target))
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
