// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import SystemPackage

/// Binds a socket to what a user names as the place to listen or to receive.
package struct Binder: Sendable {
  /// Where to listen.
  package let endpoint: Endpoint
  /// How names are looked up, and which family is wanted.
  package var resolver = Resolver()
  /// The options of the socket.
  package var settings = SocketSettings()
  /// How many connections may wait to be accepted, at most; the system may allow less.
  package var backlog = Listener.systemBacklog
  /// When to give up looking a name up.
  package var deadline = Deadline.never

  /// Creates a binder for an endpoint.
  package init(on endpoint: Endpoint) { self.endpoint = endpoint }

  /// Binds and listens; without a host on every interface, by one dual-stack socket where there is IPv6.
  package func listen() throws(Failure) -> Listener {
    try bind(protocol: "tcp") { (address, isDualStack) throws(SystemError) in
      try Listener.open(on: address, isDualStack: isDualStack, backlog: backlog, settings: settings)
    }
  }

  /// Listens on an address that is known, whatever the endpoint says.
  package func listen(on address: Address) throws(Failure) -> Listener {
    do {
      return try Listener.open(
        on: address, isDualStack: isDualStack(address), backlog: backlog, settings: settings)
    } catch {
      throw Failure(error)
    }
  }

  /// Binds a socket for datagrams; without a host on every interface, as `listen` does.
  ///
  /// - Parameter detail: What is to be known of each datagram.
  package func receiveDatagrams(
    with settings: DatagramSettings, detail: DatagramDetail
  ) throws(Failure) -> DatagramSocket {
    try bind(protocol: "udp") { (address, isDualStack) throws(SystemError) in
      try DatagramSocket.bound(
        to: address, isDualStack: isDualStack, detail: detail, settings: settings)
    }
  }

  private typealias Opening<Socket: ~Copyable> =
    (_ address: Address, _ isDualStack: Bool) throws(SystemError) -> Socket

  private func bind<Socket: ~Copyable>(
    protocol: String, _ open: Opening<Socket>
  ) throws(Failure) -> Socket {
    do {
      switch endpoint {
      case .unix(let path): return try open(Address(unixPath: path), false)
      case .internet(let host, let port):
        let number = try Resolver.port(port, protocol: `protocol`)
        guard let host, host != "*" else { return try bindEverywhere(port: number, open) }
        return try bindFirst(
          of: try resolver.addresses(ofHost: host, port: number, deadline: deadline), open)
      }
    } catch let error as SystemError {
      throw Failure(error)
    } catch let error as ResolutionError {
      throw Failure(error)
    } catch {
      fatalError("nothing here throws \(error)")
    }
  }

  private func bindEverywhere<Socket: ~Copyable>(
    port: UInt16, _ open: Opening<Socket>
  ) throws(SystemError) -> Socket {
    let ipv4 = Address.internet(.anyIPv4, port: port)
    guard resolver.family != .ipv4 else { return try open(ipv4, false) }
    do {
      return try open(.internet(.anyIPv6, port: port), resolver.family == nil)
    } catch {
      guard resolver.family == nil, Self.isMissing(error) else { throw error }
      return try open(ipv4, false)
    }
  }

  private func bindFirst<Socket: ~Copyable>(
    of addresses: [Address], _ open: Opening<Socket>
  ) throws(SystemError) -> Socket {
    for address in addresses.dropLast() {
      do {
        return try open(address, isDualStack(address))
      } catch {
        guard Self.isMissing(error) else { throw error }
      }
    }
    let last = addresses[addresses.count - 1]
    return try open(last, isDualStack(last))
  }

  /// An IPv6 socket on `::` takes IPv4 too, unless IPv6 alone is wanted.
  private func isDualStack(_ address: Address) -> Bool {
    guard case .internet(let ip, _) = address else { return false }
    return ip.isAny && resolver.family != .ipv6
  }

  /// Whether the reason is that this machine does not have the address or its family.
  private static func isMissing(_ error: SystemError) -> Bool {
    [Errno.addressFamilyNotSupported, .protocolNotSupported, .addressNotAvailable].contains(error.code)
  }
}

extension Address {
  /// A Unix address from a path, where a leading `@` means the abstract namespace.
  package init(unixPath path: String) {
    self = path.hasPrefix("@") ? .abstract(name: String(path.dropFirst())) : .unix(path: path)
  }
}
