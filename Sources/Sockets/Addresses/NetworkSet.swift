// SPDX-License-Identifier: GPL-3.0-or-later

/// A set of networks in which an address is found quickly, however many networks there are.
package struct NetworkSet: Equatable, Sendable {
  private let members: Set<Network>
  /// The prefix lengths that occur in each family: a look-up tries each of them once.
  private let lengths: [AddressFamily: Set<Int>]

  /// Creates a set.
  package init(_ networks: some Sequence<Network> = []) {
    members = Set(networks)
    lengths = Dictionary(grouping: members, by: \.family).mapValues { Set($0.map(\.length)) }
  }

  /// The number of different networks.
  package var count: Int { members.count }

  /// Whether an address is in any of the networks; an IPv4-mapped IPv6 address counts as IPv4.
  package func contains(_ address: IPAddress) -> Bool {
    let address = address.unmapped
    return lengths[address.family]?.contains { members.contains(Network(of: address, length: $0)) } ?? false
  }
}
