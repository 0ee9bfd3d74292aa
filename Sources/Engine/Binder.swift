// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import SystemPackage

/// Binds sockets to the endpoint that a user names to listen or to receive on: one for each address of a host.
package struct Binder: Sendable {
  /// Where to listen.
  package let endpoint: Endpoint
  /// How names are looked up, and in which family.
  package var resolver = Resolver()
  /// Whether an endpoint without a host means the loopback addresses rather than every interface.
  package var isOnLoopback = false
  /// The options of the sockets.
  package var settings = SocketSettings()
  /// The maximum length of the backlog; the system may allow less.
  package var backlog = Listener.systemBacklog
  /// When to give up looking a name up.
  package var deadline = Deadline.never
  /// Whether inherited sockets are of both types, each of which is bound by a binder of its own.
  package var isOfBothTypes = false
  /// Reports an address that this machine does not have, or whose family it does not support, if others are bound.
  package var skipped: @Sendable (IOFailure) -> Void = { _ in }

  /// The maximum number of ports chosen by the kernel that are tried, if the port is in use at another address or for
  /// another protocol.
  package static let portAttempts = 100

  /// Creates a binder for an endpoint.
  package init(on endpoint: Endpoint) { self.endpoint = endpoint }

  /// Binds and listens; without a host on every interface, with one dual-stack socket if IPv6 is available.
  package func listen() throws(Failure) -> ListenerGroup {
    if case .inherited(let sockets) = endpoint {
      return try sockets.listeners(with: settings, besideDatagrams: isOfBothTypes)
    }
    return ListenerGroup(try bind(protocol: "tcp", openListener))
  }

  /// Listens on the given addresses, regardless of the endpoint.
  package func listen(on addresses: [Address]) throws(Failure) -> ListenerGroup {
    do { return ListenerGroup(try bindAll(addresses, openListener)) } catch { throw Failure(error) }
  }

  private func openListener(on address: Address, isDualStack: Bool) throws(IOFailure) -> Bound<Listener> {
    let listener = try Listener.open(
      on: address, isDualStack: isDualStack, backlog: backlog, settings: settings)
    let local = listener.local
    return Bound(listener, at: local)
  }

  /// Binds sockets for datagrams; without a host on every interface, as `listen` does.
  ///
  /// - Parameter detail: The details that are reported of each datagram.
  package func receiveDatagrams(
    with settings: DatagramSettings, detail: DatagramDetail
  ) throws(Failure) -> [Bound<DatagramSocket>] {
    if case .inherited(let sockets) = endpoint {
      return try sockets.receivers(with: settings, detail: detail, besideListeners: isOfBothTypes)
    }
    return try bind(protocol: "udp") { (address, isDualStack) throws(IOFailure) in
      let socket = try DatagramSocket.bound(
        to: address, isDualStack: isDualStack, detail: detail, settings: settings)
      let local = socket.local
      return Bound(socket, at: local)
    }
  }

  // MARK: Choosing addresses

  private typealias Opening<Socket: ~Copyable> =
    (_ address: Address, _ isDualStack: Bool) throws(IOFailure) -> Bound<Socket>

  private func bind<Socket: ~Copyable>(
    protocol: String, _ open: Opening<Socket>
  ) throws(Failure) -> [Bound<Socket>] {
    do {
      switch endpoint {
      case .unix(let path): return [try open(Address(unixPath: path), false)]
      case .vsock(let address): return [try open(.vsock(address.toBind), false)]
      case .inherited: preconditionFailure("an inherited socket is bound already")
      case .internet(let host, let port):
        let number = try Resolver.port(port, protocol: `protocol`)
        let resolver = lookup
        if host == nil, isOnLoopback { return try bindAll(loopback(port: number), open) }
        guard let host, host != "*" else { return [try bindEverywhere(port: number, open)] }
        return try bindAll(try resolver.addresses(ofHost: host, port: number, deadline: deadline), open)
      }
    } catch let error as IOFailure {
      throw Failure(error)
    } catch let error as ResolutionError {
      throw Failure(error)
    } catch {
      fatalError("nothing here throws \(error)")
    }
  }

  /// How names are looked up, in the only family that the options of the sockets allow.
  private var lookup: Resolver {
    var resolver = resolver
    if settings.isIPv6Only { resolver.family = .ipv6 }
    return resolver
  }

  private func loopback(port: UInt16) -> [Address] {
    let family = lookup.family
    return [IPAddress.loopbackIPv4, .loopbackIPv6].filter { family == nil || family == $0.family }
      .map { .internet($0, port: port) }
  }

  private func bindEverywhere<Socket: ~Copyable>(
    port: UInt16, _ open: Opening<Socket>
  ) throws(IOFailure) -> Bound<Socket> {
    let ipv4 = Address.internet(.anyIPv4, port: port)
    let family = lookup.family
    guard family != .ipv4 else { return try open(ipv4, false) }
    do {
      return try open(.internet(.anyIPv6, port: port), family == nil)
    } catch {
      guard family == nil, isMissing(error) else { throw error }
      return try open(ipv4, false)
    }
  }

  // MARK: Several addresses

  /// Binds all addresses; if the kernel chooses the port, one that is free at all of them.
  private func bindAll<Socket: ~Copyable>(
    _ addresses: [Address], _ open: Opening<Socket>
  ) throws(IOFailure) -> [Bound<Socket>] {
    for _ in 1..<Self.portAttempts {
      do { return try bindOnce(addresses, open) } catch {
        guard error.code == .addressInUse, addresses.count > 1, addresses[0].port == 0 else { throw error }
      }
    }
    return try bindOnce(addresses, open)
  }

  private func bindOnce<Socket: ~Copyable>(
    _ addresses: [Address], _ open: Opening<Socket>
  ) throws(IOFailure) -> [Bound<Socket>] {
    var sockets: [Bound<Socket>] = []
    var failures: [IOFailure] = []
    for address in addresses {
      // The port of the first socket is used for the other addresses.
      let place = sockets.first?.local.port.map(address.with) ?? address
      do {
        sockets.append(try open(place, addresses.count == 1 && isDualStack(place)))
      } catch {
        guard isMissing(error) else { throw error }
        failures.append(IOFailure(.bind(place), error.code))
      }
    }
    guard !sockets.isEmpty else {
      failures.dropLast().forEach(skipped)
      throw failures[failures.count - 1]
    }
    failures.forEach(skipped)
    return sockets
  }

  /// An IPv6 socket on `::` accepts IPv4 too, unless only IPv6 was requested.
  private func isDualStack(_ address: Address) -> Bool {
    guard case .internet(let ip, _) = address else { return false }
    return ip.isAny && lookup.family != .ipv6
  }

  /// Whether the error means that this machine does not have the address or does not support its family.
  ///
  /// A protocol that the kernel does not support is missing at every address.
  private func isMissing(_ error: IOFailure) -> Bool {
    if settings.streamProtocol == .sctp, case .create = error.operation { return false }
    return [Errno.addressFamilyNotSupported, .protocolNotSupported, .addressNotAvailable].contains(error.code)
  }
}

/// A socket that is bound to an address, as an element of a group.
package final class Bound<Socket: ~Copyable> {
  /// The socket.
  package let socket: Socket
  /// The bound address, with the port that the kernel chose.
  package let local: Address

  /// Takes ownership of a socket.
  package init(_ socket: consuming Socket, at local: Address) {
    self.socket = socket
    self.local = local
  }
}

extension Bound: Sendable where Socket: ~Copyable & Sendable {}
