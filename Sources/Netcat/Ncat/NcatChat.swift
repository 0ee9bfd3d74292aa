// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
import Sockets
import SystemPackage

/// The chat of `ncat`, whose members are numbered by the descriptors of their connections.
package enum NcatChat {
  /// How the members see each other.
  package static let style = ChatStyle(
    ownLabel: "<user0> ", label: { "\(name(of: $0)) " }, escapesInOctal: true,
    joined: { member, others in
      let list = others.map { "\(host(of: $0)) as \(name(of: $0))" }.joined(separator: ", ")
      return [
        "<announce> \(host(of: member)) is connected as \(name(of: member)).",
        "<announce> already connected: \(others.isEmpty ? "nobody" : list).",
      ]
    },
    left: { ["<announce> \(name(of: $0)) is disconnected."] })

  private static func name(of member: ChatStyle.Member) -> String { "<user\(member.descriptor.rawValue)>" }

  private static func host(of member: ChatStyle.Member) -> String { member.peer.host }
}
