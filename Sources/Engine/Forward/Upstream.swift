// SPDX-License-Identifier: GPL-3.0-or-later

package import Handshakes
package import Sockets
import SystemPackage

/// What clients are connected to.
package enum ForwardTarget: Sendable {
  /// The same target for all, or the first proxy on the way to it.
  case fixed(Upstream, isProxy: Bool = false)
  /// The target that each client asks for, by the request on its stream, as far as the rules allow.
  case requested(TargetRules, through: ProxyRoute?)
}

/// The way to requested targets through other proxies.
package struct ProxyRoute: Sendable {
  /// The first proxy.
  let proxy: Upstream
  /// Whether the last proxy is told names, and IPv6 addresses.
  let takesNames: Bool
  let takesIPv6: Bool
  /// Whether a host is connected to without a proxy.
  let isDirect: @Sendable (ProxyTarget.Host) -> Bool

  /// Creates a route.
  package init(
    to proxy: Upstream, takesNames: Bool, takesIPv6: Bool,
    isDirect: @escaping @Sendable (ProxyTarget.Host) -> Bool
  ) {
    (self.proxy, self.takesNames, self.takesIPv6) = (proxy, takesNames, takesIPv6)
    self.isDirect = isDirect
  }
}

/// The target of forwarded connections, resolved as far as possible without a look-up.
package enum Upstream: Equatable, Sendable {
  /// An address.
  case address(Address)
  /// A host whose name is looked up for each client, so that a change of its addresses is followed.
  case host(String, port: UInt16)

  /// Reads an endpoint.
  ///
  /// - Throws: Every error that can be detected without a look-up: an unknown service, an address of another family
  ///   than the requested one, a path that is too long, or a name if look-ups are disabled.
  package init(_ endpoint: Endpoint, _ resolver: Resolver) throws(Failure) {
    let (host, port): (String?, String)
    switch endpoint {
    case .internet(let name, let service): (host, port) = (name, service)
    case .vsock(let address):
      self = .address(.vsock(address))
      return
    case .unix(let path):
      let address = Address(unixPath: path)
      guard address.fits else { throw Failure(IOFailure(.connect(address), .fileNameTooLong)) }
      self = .address(address)
      return
    case .inherited: preconditionFailure("an inherited socket is not a target")
    }
    let name = host ?? "localhost"
    do throws(ResolutionError) {
      let number = try Resolver.port(port)
      if IPAddress(name) != nil || resolver.isNumericOnly {
        self = .address(try resolver.addresses(ofHost: name, port: number)[0])
      } else {
        self = .host(name, port: number)
      }
    } catch {
      throw Failure(error)
    }
  }

  /// Converts the target of a request.
  init(_ target: ProxyTarget) {
    switch target.host {
    case .name(let name): self = .host(name, port: target.port)
    case .address(let address): self = .address(.internet(address, port: target.port))
    }
  }

  /// Checks that clients of a listening address can be forwarded, as far as this is known without a look-up.
  ///
  /// - Throws: That the source address is of another family, or that the target is the listening address itself: the
  ///   first client would cause forwards to itself until no room is left, and would then wait without end.
  package func check(_ connector: Connector, from place: Address) throws(Failure) {
    guard case .address(let address) = self else { return try checkLoopback(from: place) }
    do throws(ConnectionError) { _ = try connector.candidates(among: [address]) } catch {
      throw Failure(error)
    }
    guard !address.reaches(place) else { throw Self.isPlace(address) }
  }

  /// The same check for a name that always denotes this machine (RFC 6761 section 6.3): the target is the listening
  /// address if neither of its possible addresses leads elsewhere.
  private func checkLoopback(from place: Address) throws(Failure) {
    guard case .host(let name, let port) = self, name.lowercased() == "localhost" else { return }
    let loopback = ["127.0.0.1", "::1"].compactMap { IPAddress($0) }.map { Address.internet($0, port: port) }
    guard !loopback.allSatisfy({ $0.reaches(place) }) else { throw Self.isPlace("\(name):\(port)") }
  }

  private static func isPlace(_ target: some CustomStringConvertible) -> Failure {
    Failure(.usage, "\(target) cannot be both the listening address and the target")
  }

  /// The port of a target over IP; others have none.
  var port: UInt16? {
    switch self {
    case .address(let address): address.port
    case .host(_, let port): port
    }
  }

  /// The name that is looked up, or the address.
  package var name: String {
    switch self {
    case .address(let address): "\(address)"
    case .host(let name, _): name
    }
  }
}
