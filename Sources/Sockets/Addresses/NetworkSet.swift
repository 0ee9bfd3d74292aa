// SPDX-License-Identifier: GPL-3.0-or-later

/// Networks in which an address is found quickly, however many there are.
package struct NetworkSet: Equatable, Sendable {
  private let members: Set<Network>
  /// The lengths that there are, by family: so many places an address can be in.
  private let lengths: [AddressFamily: Set<Int>]

  /// Creates a set.
  package init(_ networks: some Sequence<Network> = []) {
    members = Set(networks)
    lengths = Dictionary(grouping: members, by: \.family).mapValues { Set($0.map(\.length)) }
  }

  /// How many different networks there are.
  package var count: Int { members.count }

  /// Whether an address is in any of the networks; IPv4 as an IPv6 socket sees it is IPv4.
  package func contains(_ address: IPAddress) -> Bool {
    let address = address.unmapped
    return lengths[address.family]?.contains { members.contains(Network(of: address, length: $0)) } ?? false
  }
}
