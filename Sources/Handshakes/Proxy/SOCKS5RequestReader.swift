// SPDX-License-Identifier: GPL-3.0-or-later

import HTTP
import Sockets

/// Reads a request of SOCKS 5 (RFC 1928), with user and password if they are required (RFC 1929).
struct SOCKS5RequestReader: ProxyRequestReading {
  private enum Expectation {
    case methods
    case credentials
    case verdict(UserVerification)
    case request
  }

  private let origin: ProxyRequestOrigin
  private var expected = Expectation.methods
  private var input = InputBuffer()
  private var user: String?
  private(set) var request: ProxyRequest?

  /// The methods of authentication.
  private static let (noAuthentication, userAndPassword, noMethod) = (UInt8(0), UInt8(2), UInt8(0xFF))

  /// Expects the methods that the client offers.
  init(_ origin: ProxyRequestOrigin) { self.origin = origin }

  mutating func end() throws(IOFailure) { throw origin.prematureEnd }

  mutating func step(_ bytes: Span<UInt8>, _ output: inout [UInt8]) throws(IOFailure) -> HandshakeStep {
    input.add(bytes)
    while request == nil {
      switch expected {
      case .methods: guard readMethods(&output) else { return .incomplete }
      case .credentials:
        guard let verification = try readCredentials() else { return .incomplete }
        expected = .verdict(verification)
        return .verify(verification, taken: input.dropRest())
      case .verdict(let verification): take(verification.isGranted == true, &output)
      case .request: guard try readRequest() else { return .incomplete }
      }
    }
    return .complete(taken: input.takenOfLast)
  }

  private mutating func refuse(_ answer: [UInt8], _ reason: IOFailure.Reason) {
    request = ProxyRequest(.socks5, .refuse(answer, origin.failure(reason)))
  }

  /// - Returns: Whether the methods are complete.
  private mutating func readMethods(_ output: inout [UInt8]) -> Bool {
    guard let count = input.rest.dropFirst().first, let greeting = input.take(2 + Int(count)) else {
      return false
    }
    let method = origin.users == nil ? Self.noAuthentication : Self.userAndPassword
    guard greeting.dropFirst(2).contains(method) else {
      refuse(
        [5, Self.noMethod],
        .untrusted(
          origin.users == nil
            ? "the client insists on authentication" : "the client offers no user and password"))
      return true
    }
    output += [5, method]
    expected = origin.users == nil ? .request : .credentials
    return true
  }

  /// - Returns: The verification of the user and the password; `nil` if they are incomplete.
  private mutating func readCredentials() throws(IOFailure) -> UserVerification? {
    let rest = input.rest
    guard let version = rest.first else { return nil }
    guard version == 1, let users = origin.users else {
      throw origin.malformed("user and password are malformed")
    }
    guard let userCount = rest.dropFirst().first.map(Int.init),
      let passwordCount = rest.dropFirst(2 + userCount).first.map(Int.init),
      let message = input.take(3 + userCount + passwordCount)
    else { return nil }
    let name = message.dropFirst(2).prefix(userCount)
    user = String(decoding: name, as: UTF8.self)
    let credentials = BasicCredentials(user: Array(name), password: Array(message.suffix(passwordCount)))
    return UserVerification(of: credentials, among: users)
  }

  private mutating func take(_ isGranted: Bool, _ output: inout [UInt8]) {
    guard isGranted else { return refuse([1, 1], .untrusted("the user or the password is wrong")) }
    output += [1, 0]
    expected = .request
  }

  /// - Returns: Whether the request is complete.
  private mutating func readRequest() throws(IOFailure) -> Bool {
    let head = Array(input.rest.prefix(3))
    guard head.count == 3 else { return false }
    guard head[0] == 5, head[2] == 0 else { throw origin.malformed("the request is malformed") }
    var target: ProxyTarget?
    switch SOCKSAddress.decode(input.rest.dropFirst(3)) {
    case .incomplete: return false
    case .unknown:
      _ = input.take(input.rest.count)
      refuse(
        ProxyRequest.socks5(.addressTypeNotSupported), .peerProtocol("the type of the address is unknown"))
      return true
    case .name(let bytes, let port, let count):
      _ = input.take(3 + count)
      target = ProxyTarget(name: bytes, port: port)
    case .address(let address, let count):
      _ = input.take(3 + count)
      if case .internet(let host, let port) = address { target = ProxyTarget(.address(host), port: port) }
    }
    guard let target else {
      refuse(ProxyRequest.socks5(.hostUnreachable), .peerProtocol("the name of the target is malformed"))
      return true
    }
    switch SOCKS5Connect.Command(rawValue: head[1]) {
    case .connect: request = ProxyRequest(.socks5, .connect(target))
    case .associate where origin.relaysDatagrams: request = ProxyRequest(.socks5, .associate(target))
    case .associate, nil:
      refuse(
        ProxyRequest.socks5(.commandNotSupported), .peerProtocol("the command \(head[1]) is not supported"))
    }
    request?.user = user
    return true
  }
}
