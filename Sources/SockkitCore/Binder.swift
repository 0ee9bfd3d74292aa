// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import SystemPackage

/// Opens a listener on what a user names as the place to listen.
package struct Binder: Sendable {
  /// Where to listen.
  package let endpoint: Endpoint
  /// How names are looked up, and which family is wanted.
  package var resolver = Resolver()
  /// The options of the socket.
  package var settings = SocketSettings()
  /// When to give up looking a name up.
  package var deadline = Deadline.never

  /// Creates a binder for an endpoint.
  package init(on endpoint: Endpoint) { self.endpoint = endpoint }

  /// Binds and listens; without a host on every interface, by one dual-stack socket where there is IPv6.
  package func listen() throws(Failure) -> Listener {
    do {
      switch endpoint {
      case .unix(let path): return try open(Address(unixPath: path))
      case .internet(let host, let port):
        let number = try Resolver.port(port)
        guard let host, host != "*" else { return try openEverywhere(port: number) }
        return try openFirst(of: try resolver.addresses(ofHost: host, port: number, deadline: deadline))
      }
    } catch let error as SystemError {
      throw Failure(error)
    } catch let error as ResolutionError {
      throw Failure(error)
    } catch {
      fatalError("nothing here throws \(error)")
    }
  }

  private func openEverywhere(port: UInt16) throws(SystemError) -> Listener {
    let ipv4 = Address.internet(.anyIPv4, port: port)
    guard resolver.family != .ipv4 else { return try open(ipv4) }
    do {
      return try open(.internet(.anyIPv6, port: port))
    } catch {
      guard resolver.family == nil, Self.isMissing(error) else { throw error }
      return try open(ipv4)
    }
  }

  private func openFirst(of addresses: [Address]) throws(SystemError) -> Listener {
    for address in addresses.dropLast() {
      do {
        return try open(address)
      } catch {
        guard Self.isMissing(error) else { throw error }
      }
    }
    return try open(addresses[addresses.count - 1])
  }

  /// Whether the reason is that this machine does not have the address or its family.
  private static func isMissing(_ error: SystemError) -> Bool {
    [Errno.addressFamilyNotSupported, .protocolNotSupported, .addressNotAvailable].contains(error.code)
  }

  private func open(_ address: Address) throws(SystemError) -> Listener {
    var isDualStack = false
    if case .internet(let ip, _) = address { isDualStack = ip.isAny && resolver.family != .ipv6 }
    return try Listener.open(on: address, isDualStack: isDualStack, settings: settings)
  }
}

extension Address {
  /// A Unix address from a path, where a leading `@` means the abstract namespace.
  package init(unixPath path: String) {
    self = path.hasPrefix("@") ? .abstract(name: String(path.dropFirst())) : .unix(path: path)
  }
}
