// SPDX-License-Identifier: GPL-3.0-or-later

import SystemPackage

/// Opens connections; to a host with several addresses by Happy Eyeballs (RFC 8305): families take turns, a
/// further address is tried whenever 250 ms have passed or one has failed, and the first to connect wins.
package struct Connector: Sendable {
  /// The options of the socket.
  package var settings = SocketSettings()
  /// The address to connect from; the kernel chooses without one.
  package var source: IPAddress?
  /// The port to connect from; 0 lets the kernel choose.
  package var sourcePort: UInt16 = 0
  /// Whether a connection ends in order whenever it is closed: it is opened only to be closed, or its messages say
  /// themselves whether they are complete.
  package var closesInOrder = false
  /// Told of an attempt that failed while others are still to be made.
  package var attemptFailed: @Sendable (SystemError) -> Void = { _ in }

  /// Creates a connector that leaves everything to the kernel.
  package init() {}

  /// The addresses in the order to try them: the families taking turns, the resolver's first one first.
  package func candidates(among addresses: [Address]) throws(ConnectionError) -> [Address] {
    guard let first = addresses.first else { preconditionFailure("there is an address to connect to") }
    let usable = addresses.filter { source == nil || $0.family == .unix || $0.family == source?.family }
    if let source, usable.isEmpty { throw .noAddressInFamily(of: source, first) }
    let preferred = usable.filter { $0.family == first.family }
    let others = usable.filter { $0.family != first.family }
    let turns = max(preferred.count, others.count)
    return (0..<turns).flatMap { turn in
      [preferred, others].compactMap { turn < $0.count ? $0[turn] : nil }
    }
  }

  /// Begins to connect to one address.
  ///
  /// A Unix connect to a full backlog fails at once on a non-blocking socket, and nothing tells when to try again:
  /// who has the time lets the call itself wait.
  func attempt(
    at address: Address, blockingUntil blockingEnd: Deadline?
  ) throws(SystemError) -> ConnectionAttempt {
    let isBlocking = address.family == .unix && blockingEnd != nil
    let descriptor = try Descriptor.socket(
      address.family, type: Platform.streamSocket, protocol: settings.networkProtocol(for: address.family),
      isBlocking: isBlocking)
    try settings.apply(to: descriptor.number, family: address.family)
    if address.family == .unix {
      if let blockingEnd { try descriptor.limitBlockingSends(until: blockingEnd) }
    } else {
      try bindSource(descriptor, for: address)
      if settings.isFastOpen { try SocketOption.fastOpenConnect.set(1, on: descriptor.number) }
    }
    return try ConnectionAttempt(descriptor, to: address)
  }

  private func bindSource(_ descriptor: borrowing Descriptor, for address: Address) throws(SystemError) {
    guard source != nil || sourcePort != 0 else { return }
    if sourcePort == 0 {
      try SocketOption.bindAddressOnly.set(1, on: descriptor.number)
    } else {
      try SocketOption.reuseAddress.set(1, on: descriptor.number)
    }
    let any: IPAddress = address.family == .ipv6 ? .anyIPv6 : .anyIPv4
    try descriptor.bind(to: .internet(source ?? any, port: sourcePort))
  }
}
