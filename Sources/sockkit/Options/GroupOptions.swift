// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Sockets

/// Which multicast groups to receive from.
struct GroupOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Receive from a multicast group.", discussion: "%IF names the interface. May be repeated.",
      valueName: "group[%if]"),
    completion: .group, transform: ValueArgument.multicastMembership)
  var join: [MulticastMembership] = []

  @Option(
    help: ArgumentHelp("Receive from this sender of the groups only (SSM).", valueName: "addr"),
    completion: .numericAddress, transform: ValueArgument.ipAddress)
  var sourceFilter: IPAddress?

  /// The groups to join; by default the address to receive on, if it is that of a group.
  func memberships(for endpoint: Endpoint, family: AddressFamily?) throws -> [MulticastMembership] {
    var memberships = join
    if memberships.isEmpty, case .internet(let host?, _) = endpoint, let own = MulticastMembership(host) {
      memberships = [own]
    }
    if sourceFilter != nil, memberships.isEmpty {
      throw ValidationError("--source-filter requires --join")
    }
    if !memberships.isEmpty, let kind = endpoint.kindBesidesIP {
      throw ValidationError("--join does not apply to \(kind)")
    }
    for index in memberships.indices {
      let group = memberships[index].group
      if let family, family != group.family {
        throw ValidationError("--join \(group): -4 and -6 exclude the groups of the other family")
      }
      if let sourceFilter, sourceFilter.family != group.family {
        throw ValidationError("--source-filter \(sourceFilter) is not of the family of \(group)")
      }
      memberships[index].source = sourceFilter
    }
    return memberships
  }
}
