// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// The client's side of SOCKS version 4, and of its extension 4a, in which the proxy looks up a name.
package struct SOCKS4Connect: Handshake {
  private let target: ProxyTarget
  private let user: [UInt8]
  private let refusal: ProxyRefusal
  private var hasBegun = false
  private var input = InputBuffer()

  /// An address that does not exist, which announces a name behind the user.
  private static let announcingName: [UInt8] = [0, 0, 0, 1]
  /// The code of a granted request.
  private static let granted = UInt8(90)

  /// Prepares the handshake.
  ///
  /// - Parameters:
  ///   - target: A name, or an IPv4 address.
  ///   - proxy: The proxy's name for messages.
  ///   - user: The user that the proxy is told, without a zero byte; there is no password.
  package init(to target: ProxyTarget, through proxy: String, as user: String) {
    self.target = target
    self.user = Array(user.utf8)
    refusal = ProxyRefusal(of: target, by: proxy)
  }

  package var prematureEnd: IOFailure { refusal.prematureEnd }

  package mutating func step(
    _ bytes: Span<UInt8>, _ output: inout [UInt8]
  ) throws(IOFailure) -> HandshakeStep {
    if !hasBegun {
      hasBegun = true
      if case .address(let address) = target.host, address.unmapped.family == .ipv6 {
        throw refusal.unreachable("SOCKS 4 has no IPv6 addresses")
      }
      output += [4, 1] + target.portBytes
      switch target.host {
      case .address(let address): output += address.unmapped.bytes.prefix(4) + user + [0]
      case .name(let name): output += Self.announcingName + user + [0] + Array(name.utf8) + [0]
      }
    }
    input.add(bytes)
    guard let version = input.rest.first else { return .incomplete }
    guard version == 0 else { throw refusal.foreign("the proxy does not speak SOCKS 4") }
    guard let code = input.rest.dropFirst().first else { return .incomplete }
    // A proxy that refuses may close behind the first bytes of its reply.
    guard code == Self.granted else { throw failure(code) }
    return input.take(8) == nil ? .incomplete : .complete(taken: input.takenOfLast)
  }

  private func failure(_ code: UInt8) -> IOFailure {
    let answer = IOFailure.ProxyAnswer.socks4(code)
    return switch code {
    case 91: refusal.unreachable("the proxy rejected the request, or failed (SOCKS reply 91)", answer)
    case 92: refusal.forbidden("the proxy cannot reach this host's identd (SOCKS reply 92)", answer)
    case 93: refusal.forbidden("this host's identd reports another user (SOCKS reply 93)", answer)
    default: refusal.foreign("unknown reason (SOCKS reply \(code))", answer)
    }
  }
}
