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
    add("no-delay", if: isNoDelay, flag(streamProtocol == .sctp ? .associationNoDelay : .noDelay))
    add("keepalive", if: keepalive != nil, number(.keepaliveIdle))
    add("ttl", if: timeToLive != nil, number(AddressFamily(of: socket) == .ipv6 ? .hopLimit : .timeToLive))
    if let differentiatedServices, let byte = Self.serviceByte(of: socket) {
      let isWhole = differentiatedServices.isWholeByte
      result.append(EffectiveOption(isWhole ? "tos" : "dscp", .number(isWhole ? byte : byte >> 2)))
    }
    add("interface", if: interface != nil, SocketNameOption.interface.value(on: socket).map { .text($0) })
    add("congestion", if: congestion != nil, SocketNameOption.congestion.value(on: socket).map { .text($0) })
    add(
      "fast-open", if: isFastOpen && (try? SocketOption.fastOpenConnect.value(on: socket)) == 1, .flag(true))
    add(
      "mptcp", if: streamProtocol == .multipathTCP && AddressFamily(of: socket)?.isInternet == true,
      .flag(csockkit_is_multipath(socket.rawValue)))
    add("mark", if: mark != nil, Self.mark(of: socket).map { .number($0) })
    add("mss", if: maximumSegment != nil, number(.maximumSegment))
    add("cork", if: isCorked, flag(.cork))
    add("quick-ack", if: isQuickAcknowledging, flag(.quickAcknowledgement))
    add(
      "min-ttl", if: minimumTimeToLive != nil,
      number(AddressFamily(of: socket) == .ipv6 ? .minimumHopLimit : .minimumTimeToLive))
    add("debug-socket", if: isDebugging, flag(.debugging))
    add("broadcast", if: isBroadcastAllowed, flag(.broadcast))
    let isInternet = AddressFamily(of: socket)?.isInternet == true
    result += requested.filter { isInternet || $0.isOfSocket }.compactMap { $0.effective(on: socket) }
    return result
  }

  /// The requested options that only a listening socket has, with the values that the kernel reports.
  package func effectiveForListening(on socket: FileDescriptor) -> [EffectiveOption] {
    var result: [EffectiveOption] = []
    let family = AddressFamily(of: socket)
    if isIPv6Only, family == .ipv6, let value = try? SocketOption.ipv6Only.value(on: socket) {
      result.append(EffectiveOption("ipv6-only", .flag(value != 0)))
    }
    if deferredAcceptance != nil, family?.isInternet == true,
      let seconds = try? SocketOption.deferredAcceptance.value(on: socket)
    {
      result.append(EffectiveOption("defer-accept", .number(seconds)))
    }
    return result
  }

  private static func serviceByte(of socket: FileDescriptor) -> Int? {
    try? (AddressFamily(of: socket) == .ipv6 ? SocketOption.trafficClass : .typeOfService).value(on: socket)
  }

  private static func mark(of socket: FileDescriptor) -> Int? {
    (try? SocketOption.mark.value(on: socket)).map { Int(UInt32(truncatingIfNeeded: $0)) }
  }
}
