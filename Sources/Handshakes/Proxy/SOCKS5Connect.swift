// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// The client's side of SOCKS version 5 (RFC 1928), with user and password if the proxy asks for them (RFC 1929).
package struct SOCKS5Connect: Handshake {
  /// What the proxy is asked to do.
  package enum Command: UInt8, Sendable {
    /// To connect to the target.
    case connect = 1
    /// To relay datagrams, as long as the connection lasts. The targets are in the datagrams.
    case associate = 3
  }

  private enum Expectation {
    case method
    case credentials
    case verdict
    case reply
  }

  private let target: ProxyTarget
  private let command: Command
  private let source: ProxyCredentialSource?
  private let refusal: ProxyRefusal
  private var expected = Expectation.method
  private var hasBegun = false
  private var input = InputBuffer()
  /// The address that the proxy has bound; `nil` before its reply, or if it has replied with a name.
  package private(set) var bound: Address?

  /// The methods of authentication.
  private static let (noAuthentication, userAndPassword, noMethod) = (UInt8(0), UInt8(2), UInt8(0xFF))

  /// Prepares the handshake.
  ///
  /// - Parameters:
  ///   - proxy: The proxy's name for messages.
  ///   - source: Where a user and a password to authenticate with come from; `nil` for nothing.
  package init(
    _ command: Command = .connect, to target: ProxyTarget, through proxy: String,
    authenticatingBy source: ProxyCredentialSource?
  ) {
    (self.target, self.command, self.source) = (target, command, source)
    refusal =
      switch command {
      case .connect: ProxyRefusal(of: target, by: proxy)
      case .associate: ProxyRefusal(of: .sendThrough(proxy: proxy, to: "\(target)"))
      }
  }

  /// Prepares the handshake with a known user; `nil` for nothing.
  package init(
    _ command: Command = .connect, to target: ProxyTarget, through proxy: String,
    as credentials: UserCredentials?
  ) {
    self.init(
      command, to: target, through: proxy, authenticatingBy: credentials.map { .known(.user($0)) })
  }

  package var prematureEnd: IOFailure { refusal.prematureEnd }

  package mutating func step(
    _ bytes: Span<UInt8>, _ output: inout [UInt8]
  ) throws(IOFailure) -> HandshakeStep {
    if !hasBegun {
      hasBegun = true
      let methods = [Self.noAuthentication] + (source == nil ? [] : [Self.userAndPassword])
      output += [5, UInt8(methods.count)] + methods
    }
    input.add(bytes)
    while true {
      switch expected {
      case .method:
        guard let answer = input.take(2) else { return .incomplete }
        try takeMethod(Array(answer), &output)
      case .credentials:
        if let question = source?.question { return .ask(question, taken: input.dropRest()) }
        try authenticate(&output)
      case .verdict:
        guard let answer = input.take(2) else { return .incomplete }
        // The version of the method is 1, and some proxies send that of SOCKS.
        guard answer.last == 0 else {
          throw refusal.forbidden(
            "the proxy refused the user or the password", .authentication(isNegotiated: true))
        }
        request(&output)
      case .reply:
        guard try takeReply() else { return .incomplete }
        return .complete(taken: input.takenOfLast)
      }
    }
  }

  private mutating func takeMethod(_ answer: [UInt8], _ output: inout [UInt8]) throws(IOFailure) {
    guard answer[0] == 5 else { throw refusal.foreign("the proxy does not speak SOCKS 5") }
    switch answer[1] {
    case Self.noAuthentication: request(&output)
    case Self.userAndPassword:
      guard source != nil else { throw refusal.foreign("the proxy chose a method that was not offered") }
      expected = .credentials
    case Self.noMethod:
      throw refusal.forbidden(
        source == nil
          ? "the proxy requires a user and a password (--proxy-auth-file FILE)"
          : "the proxy accepts no user and password", .authentication(isNegotiated: false))
    default: throw refusal.foreign("the proxy chose a method that was not offered")
    }
  }

  private mutating func authenticate(_ output: inout [UInt8]) throws(IOFailure) {
    guard case .user(let user)? = try source?.credentials(), user.fitsSOCKS else {
      throw refusal.forbidden(
        "the user or the password is empty or longer than \(UserCredentials.longest) bytes",
        .authentication(isNegotiated: true))
    }
    expected = .verdict
    output += [1] + user.userField + user.passwordField
  }

  private mutating func request(_ output: inout [UInt8]) {
    expected = .reply
    // Of an association the request has the address that datagrams are sent from, which an address translation on the
    // way may change.
    let address = command == .connect ? target : ProxyTarget(.address(.anyIPv4), port: 0)
    output += [5, command.rawValue, 0] + SOCKSAddress.encode(address)
  }

  /// - Returns: Whether the reply is complete.
  private mutating func takeReply() throws(IOFailure) -> Bool {
    let head = Array(input.rest.prefix(2))
    guard head.count == 2 else { return false }
    guard head[0] == 5 else { throw refusal.foreign("the proxy does not speak SOCKS 5") }
    // A proxy that refuses may close behind the first bytes of its reply.
    guard head[1] == 0 else { throw failure(head[1]) }
    switch SOCKSAddress.decode(input.rest.dropFirst(3)) {
    case .incomplete: return false
    case .unknown: throw refusal.foreign("the proxy replied with an address of an unknown type")
    case .name(_, _, let count): _ = input.take(3 + count)
    case .address(let address, let count):
      bound = address
      _ = input.take(3 + count)
    }
    return true
  }

  private func failure(_ code: UInt8) -> IOFailure {
    let words = "\(SOCKSReply(rawValue: code)?.words ?? "unknown reason") (SOCKS reply \(code))"
    return switch SOCKSReply(rawValue: code) {
    case .generalFailure, .networkUnreachable, .hostUnreachable, .connectionRefused, .timeExceeded:
      refusal.unreachable(words, .socks5(code))
    case .notAllowed: refusal.forbidden(words, .socks5(code))
    case .commandNotSupported, .addressTypeNotSupported, .granted, nil:
      refusal.foreign(words, .socks5(code))
    }
  }
}
