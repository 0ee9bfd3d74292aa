// SPDX-License-Identifier: GPL-3.0-or-later

import Handshakes
import Sockets

/// What the clients of a proxy are connected to, and the way there.
struct RequestedTargets {
  /// The way to a target.
  enum Way {
    /// To the target itself, whose name has to be looked up first if it has one.
    case upstream(Upstream)
    /// To these addresses of the target, all of which are allowed.
    case addresses([Address])
    /// Through another proxy, which is asked for this target.
    case proxy(Upstream, ProxyTarget)
    /// None, for a reason.
    case refused(UpstreamFailure)
  }

  private let rules: TargetRules
  private let route: ProxyRoute?
  /// The addresses that this proxy listens on.
  private let places: [Address]
  /// The family of the targets; `nil` for both.
  private let family: AddressFamily?

  /// - Parameter route: The way through other proxies; `nil` if there are none.
  init(by rules: TargetRules, through route: ProxyRoute?, at places: [Address], _ family: AddressFamily?) {
    (self.rules, self.route, self.places, self.family) = (rules, route, places, family)
  }

  /// The way to a target that was not looked up.
  func way(to target: ProxyTarget) -> Way {
    guard case .name(let name) = target.host else { return .upstream(Upstream(target)) }
    // It is not even looked up.
    guard !rules.deny(name, port: target.port) else { return .refused(Self.denial(of: target)) }
    guard let route, !route.isDirect(target.host), route.takesNames, !rules.needAddress else {
      return .upstream(Upstream(target))
    }
    return rules.allow(nil, port: target.port, named: name)
      ? .proxy(route.proxy, target) : .refused(Self.denial(of: target))
  }

  /// The way to a target with these addresses. It is judged by the address that is connected to, so that no spelling
  /// gets around a rule.
  func way(to target: ProxyTarget, at addresses: [Address]) -> Way {
    let addresses = addresses.filter { $0.ip.map(isOfFamily) ?? false }
    guard !addresses.isEmpty else {
      let words = "the address is not of the family that was asked for (-4, -6)"
      return .refused(
        UpstreamFailure(Failure(.unknownName, "connect to \(target): \(words)"), .hostUnreachable))
    }
    guard !addresses.contains(where: leadsHere) else { return .refused(Self.circle) }
    let name: String? = if case .name(let name) = target.host { name } else { nil }
    let allowed = addresses.filter { address in
      guard case .internet(let host, let port) = address else { return false }
      return rules.allow(host, port: port, named: name)
    }
    guard let first = allowed.first else { return .refused(Self.denial(of: target)) }
    guard let route, !route.isDirect(target.host) else { return .addresses(allowed) }
    let taken = allowed.first { route.takesIPv6 || $0.family == .ipv4 } ?? first
    guard case .internet(let host, let port) = taken else { return .refused(Self.denial(of: target)) }
    return .proxy(route.proxy, ProxyTarget(.address(host), port: port))
  }

  /// Whether datagrams may be sent to an address, which a name was looked up to.
  func allowDatagrams(to address: IPAddress, port: UInt16, named name: String?) -> Bool {
    isOfFamily(address) && rules.allow(address, port: port, named: name)
  }

  private func isOfFamily(_ address: IPAddress) -> Bool {
    family == nil || address.unmapped.family == family
  }

  private static func denial(of target: ProxyTarget) -> UpstreamFailure {
    UpstreamFailure(Failure(.noPermission, "connect to \(target): the target is not allowed"), .denied)
  }

  private static var circle: UpstreamFailure {
    UpstreamFailure(Failure(.noPermission, "the target is this proxy itself"), .denied)
  }

  /// Whether an address is one that this proxy listens on, in any spelling.
  private func leadsHere(_ address: Address) -> Bool {
    guard case .internet(let host, let port) = address else { return places.contains(address) }
    let reached = host.reached
    return places.contains { place in
      if case .internet(let host, port) = place, host.isAny {
        return reached.isLoopback || rules.own.contain(reached)
      }
      return Address.internet(reached, port: port) == place
    }
  }
}
