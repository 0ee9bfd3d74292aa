// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// A requested socket option and the value that the kernel reports for it.
package struct EffectiveOption: Equatable, Sendable {
  /// The value of an option.
  package enum Value: Equatable, Sendable {
    /// Bytes, seconds, hops, or a code point.
    case number(Int)
    /// A name.
    case text(String)
    /// Whether it is in force.
    case flag(Bool)
  }

  /// The option's name on the command line, without the hyphens before it.
  package let name: String
  /// The value that the kernel reports.
  package let value: Value

  /// Creates the report of one option.
  package init(_ name: String, _ value: Value) {
    self.name = name
    self.value = value
  }
}

extension SocketSettings {
  /// The requested options, with the values that the kernel reports for a connected socket.
  package func effective(on socket: FileDescriptor) -> [EffectiveOption] {
    var result: [EffectiveOption] = []
    func add(_ name: String, if isWanted: Bool, _ value: @autoclosure () -> EffectiveOption.Value?) {
      if isWanted, let value = value() { result.append(EffectiveOption(name, value)) }
    }
    func number(_ option: SocketOption) -> EffectiveOption.Value? {
      (try? option.value(on: socket)).map { .number($0) }
    }
    func flag(_ option: SocketOption) -> EffectiveOption.Value? {
      (try? option.value(on: socket)).map { .flag($0 != 0) }
    }
    add("send-buffer", if: sendBuffer != nil, number(.sendBuffer))
    add("receive-buffer", if: receiveBuffer != nil, number(.receiveBuffer))
    // The request is shown: the socket itself still has the linger setting of an unfinished connection, which resets.
    add("linger", if: linger != nil, linger.map { .number(Int($0.seconds.rounded(.up))) })
    add("no-delay", if: isNoDelay, flag(.noDelay))
    add("keepalive", if: keepalive != nil, number(.keepaliveIdle))
    add("ttl", if: timeToLive != nil, number(AddressFamily(of: socket) == .ipv6 ? .hopLimit : .timeToLive))
    add(
      "dscp", if: differentiatedServices != nil,
      Self.codePoint(of: socket).map { .number($0) })
    add("interface", if: interface != nil, SocketNameOption.interface.value(on: socket).map { .text($0) })
    add("congestion", if: congestion != nil, SocketNameOption.congestion.value(on: socket).map { .text($0) })
    add(
      "fast-open", if: isFastOpen && (try? SocketOption.fastOpenConnect.value(on: socket)) == 1, .flag(true))
    add(
      "mptcp", if: isMultipath && AddressFamily(of: socket) != .unix,
      .flag(csockkit_is_multipath(socket.rawValue)))
    return result
  }

  private static func codePoint(of socket: FileDescriptor) -> Int? {
    let option = AddressFamily(of: socket) == .ipv6 ? SocketOption.trafficClass : .typeOfService
    return (try? option.value(on: socket)).map { $0 >> 2 }
  }
}
