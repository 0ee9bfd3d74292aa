// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// The targets that a proxy connects to.
package struct TargetRules: Sendable {
  /// A network or a name, and ports of it.
  package struct Rule: Sendable {
    /// What is compared.
    package enum Host: Sendable {
      /// Every target.
      case any
      /// The address that is connected to.
      case network(Network)
      /// The name that was asked for, or one within it.
      case name(DomainName)
    }

    private let host: Host
    private let ports: Set<UInt16>?

    /// Creates a rule.
    ///
    /// - Parameter ports: The ports that it applies to; `nil` for all.
    package init(_ host: Host, ports: Set<UInt16>?) {
      self.host = host
      self.ports = ports
    }

    /// Whether it is about addresses.
    fileprivate var isOfNetwork: Bool { if case .network = host { true } else { false } }

    fileprivate func matches(_ name: String?, _ address: IPAddress?, port: UInt16) -> Bool {
      guard ports?.contains(port) ?? true else { return false }
      switch host {
      case .any: return true
      case .network(let network): return address.map { network.contains($0) } ?? false
      case .name(let own): return name.map { own.contains(DomainName($0)) } ?? false
      }
    }
  }

  /// Those that are allowed; none for all.
  package var allowed: [Rule] = []
  /// Those that are denied, which takes precedence.
  package var denied: [Rule] = []
  /// Whether addresses of this machine and of private networks are denied unless a rule allows them.
  package var protectsPrivate = false
  /// The addresses of this machine.
  let own = LocalAddresses()

  /// Creates rules that allow everything.
  package init() {}

  /// Whether a target cannot be judged by its name alone.
  package var needAddress: Bool { protectsPrivate || (allowed + denied).contains { $0.isOfNetwork } }

  /// Whether a name is denied, whatever its addresses are.
  package func deny(_ name: String, port: UInt16) -> Bool {
    denied.contains { $0.matches(name, nil, port: port) }
  }

  /// Whether an address may be connected to.
  ///
  /// - Parameters:
  ///   - address: The address; `nil` if it is not known, because another proxy looks the name up.
  ///   - name: The name that it was looked up for; `nil` if the client has sent an address.
  package func allow(_ address: IPAddress?, port: UInt16, named name: String?) -> Bool {
    let address = address?.reached
    if denied.contains(where: { $0.matches(name, address, port: port) }) { return false }
    if allowed.contains(where: { $0.matches(name, address, port: port) }) { return true }
    guard allowed.isEmpty else { return false }
    guard protectsPrivate else { return true }
    return address.map { !Self.privateNetworks.contains($0) && !own.contain($0) } ?? false
  }

  /// Addresses that do not lead to a host of the Internet: this machine, links, private networks, groups.
  private static let privateNetworks = NetworkSet(
    [
      "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
      "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/3", "::/96", "::ffff:0:0:0/96",
      "64:ff9b:1::/48", "2001::/32", "fc00::/7",
      "fe80::/10",
      "fec0::/10", "ff00::/8",
    ].compactMap { Network($0) })
}

extension IPAddress {
  /// The address that is reached by this one: the IPv4 address that is in an IPv6 one, and the loopback for a wildcard,
  /// which the kernel connects to this machine.
  var reached: IPAddress {
    let address = embedded
    guard address.isAny else { return address }
    return address.family == .ipv4 ? .loopbackIPv4 : .loopbackIPv6
  }

  /// The IPv4 address in an IPv6 one that is mapped, or translated by the well-known prefix of NAT64 (RFC 6052) or of
  /// 6to4 (RFC 3056); any other address as it is.
  private var embedded: IPAddress {
    guard case .ipv6(let bytes, _) = unmapped else { return unmapped }
    if bytes.starts(with: [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0]) {
      return .ipv4(Array(bytes.suffix(4)))
    }
    if bytes.starts(with: [0x20, 0x02]) { return .ipv4(Array(bytes[2..<6])) }
    return self
  }
}
