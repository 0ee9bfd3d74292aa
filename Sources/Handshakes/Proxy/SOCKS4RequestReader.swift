// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// Reads a request of SOCKS 4 or 4a, which has a user but no password.
struct SOCKS4RequestReader: ProxyRequestReading {
  private let origin: ProxyRequestOrigin
  private var input = InputBuffer()
  private(set) var request: ProxyRequest?

  /// The maximum number of bytes of a name or a user, which end with a zero byte.
  private static let longestText = ProxyTarget.longestName

  /// Expects a request.
  init(_ origin: ProxyRequestOrigin) { self.origin = origin }

  mutating func end() throws(IOFailure) { throw origin.prematureEnd }

  mutating func step(_ bytes: Span<UInt8>, _ output: inout [UInt8]) throws(IOFailure) -> HandshakeStep {
    input.add(bytes)
    let head = Array(input.rest.prefix(8))
    guard head.count == 8 else { return .incomplete }
    var rest = input.rest.dropFirst(8)
    // The user, who cannot be verified.
    guard try takeText(&rest) != nil else { return .incomplete }
    let port = UInt16(head[2]) << 8 | UInt16(head[3])
    var target: ProxyTarget? = ProxyTarget(.address(.ipv4(Array(head[4..<8]))), port: port)
    if head[4..<7].allSatisfy({ $0 == 0 }), head[7] != 0 {
      guard let name = try takeText(&rest) else { return .incomplete }
      target = ProxyTarget(name: Array(name), port: port)
    }
    _ = input.take(input.rest.count - rest.count)
    request = ProxyRequest(.socks4, action(head[1], target))
    return .complete(taken: input.takenOfLast)
  }

  private func action(_ command: UInt8, _ target: ProxyTarget?) -> ProxyRequest.Action {
    func refuse(_ words: String) -> ProxyRequest.Action {
      .refuse(ProxyRequest.socks4(91), origin.malformed(words))
    }
    guard origin.users == nil else {
      return .refuse(
        ProxyRequest.socks4(91),
        origin.failure(.untrusted("a password is required, which SOCKS 4 cannot send")))
    }
    guard command == SOCKS5Connect.Command.connect.rawValue else {
      return refuse("the command \(command) is not supported")
    }
    guard let target else { return refuse("the name of the target is malformed") }
    return .connect(target)
  }

  /// Takes a text with a zero byte behind it; `nil` if it is incomplete.
  private func takeText(_ rest: inout ArraySlice<UInt8>) throws(IOFailure) -> ArraySlice<UInt8>? {
    guard let end = rest.prefix(Self.longestText + 1).firstIndex(of: 0) else {
      guard rest.count <= Self.longestText else {
        throw origin.malformed("a text is longer than \(Self.longestText) bytes")
      }
      return nil
    }
    defer { rest = rest[(end + 1)...] }
    return rest[..<end]
  }
}
