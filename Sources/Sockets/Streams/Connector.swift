// SPDX-License-Identifier: GPL-3.0-or-later

import SystemPackage

/// Opens connections. For a host with several addresses it uses Happy Eyeballs (RFC 8305): families alternate, another
/// address is tried whenever 250 ms have passed or an attempt has failed, and the first to connect wins.
package struct Connector: Sendable {
  /// The options of the socket.
  package var settings = SocketSettings()
  /// The source address; by default the kernel chooses.
  package var source: IPAddress?
  /// The path of the source of Unix datagrams; by default the kernel chooses a name without a file.
  package var sourcePath: String?
  /// The source of a connection between virtual machines; by default the kernel chooses.
  package var machineSource: VsockAddress?
  /// The source port; 0 lets the kernel choose.
  package var sourcePort: UInt16 = 0
  /// The longest time for each address, and then for a handshake over the connection; `nil` for no limit but that of all
  /// addresses together.
  package var attemptLimit: Duration?
  /// Whether a connection is closed in order at any time, rather than reset if it is unfinished: it is opened only to
  /// be closed, or its messages show themselves whether they are complete.
  package var closesInOrder = false
  /// Called for an attempt that failed while others remain to be made.
  package var attemptFailed: @Sendable (IOFailure) -> Void = { _ in }

  /// Creates a connector that leaves all choices to the kernel.
  package init() {}

  /// The addresses in the order to try them: families alternate, starting with the resolver's first address.
  package func candidates(among addresses: [Address]) throws(ConnectionError) -> [Address] {
    guard let first = addresses.first else { preconditionFailure("there is an address to connect to") }
    let usable = addresses.filter { source == nil || !$0.family.isInternet || $0.family == source?.family }
    if let source, usable.isEmpty { throw .noAddressInFamily(of: source, first) }
    let preferred = usable.filter { $0.family == first.family }
    let others = usable.filter { $0.family != first.family }
    let turns = max(preferred.count, others.count)
    return (0..<turns).flatMap { turn in
      [preferred, others].compactMap { turn < $0.count ? $0[turn] : nil }
    }
  }

  /// The end of the time for an attempt, or for a handshake, that begins now.
  ///
  /// - Parameter deadline: The end of the time for all addresses together.
  package func attemptEnd(before deadline: Deadline) -> Deadline {
    min(deadline, attemptLimit.map(Deadline.after) ?? .never)
  }

  /// Starts to connect to one address.
  ///
  /// A Unix `connect` to a full backlog fails at once on a non-blocking socket, and nothing reports when to retry. With
  /// `mayBlock`, the call itself blocks until the deadline.
  func attempt(
    at address: Address, until deadline: Deadline, mayBlock: Bool
  ) throws(IOFailure) -> ConnectionAttempt {
    let isBlocking = settings.isBlocking || address.family == .unix && mayBlock
    let descriptor = try Descriptor.socket(
      address.family, type: settings.type, protocol: settings.networkProtocol(for: address.family),
      isBlocking: isBlocking)
    try settings.apply(to: descriptor.number, family: address.family)
    if address.family == .unix {
      if mayBlock { try descriptor.limitBlockingSends(until: deadline) }
      // A datagram of a socket without a name cannot be answered; the kernel assigns one.
      if settings.kind == .datagram { return try datagramAttempt(descriptor, to: address, until: deadline) }
    } else if address.family == .vsock {
      if let machineSource { try descriptor.bind(to: .vsock(machineSource)) }
    } else {
      try bindSource(descriptor, for: address)
      if settings.isFastOpen { try SocketOption.fastOpenConnect.set(1, on: descriptor.number) }
    }
    return try ConnectionAttempt(
      descriptor, to: address, until: deadline, staysBlocking: settings.isBlocking,
      over: settings.transport(for: address.family))
  }

  private func datagramAttempt(
    _ descriptor: consuming Descriptor, to address: Address, until deadline: Deadline
  ) throws(IOFailure) -> ConnectionAttempt {
    let source = sourcePath.map { Address(unixPath: $0) }
    if let source { try UnixSocketFile.removeStale(at: source) }
    try descriptor.bind(to: source ?? .any(of: .unix))
    do throws(IOFailure) {
      return try ConnectionAttempt(
        descriptor, to: address, until: deadline, staysBlocking: settings.isBlocking,
        over: settings.transport(for: address.family))
    } catch {
      removeSource()
      throw error
    }
  }

  /// Removes the file of the source of Unix datagrams, once they have been exchanged.
  package func removeSource() {
    if let sourcePath { UnixSocketFile(boundTo: Address(unixPath: sourcePath))?.remove() }
  }

  private func bindSource(_ descriptor: borrowing Descriptor, for address: Address) throws(IOFailure) {
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
