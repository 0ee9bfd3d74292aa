// SPDX-License-Identifier: GPL-3.0-or-later

/// A name of the domain name system, which stands for itself and all names below it.
package struct DomainName: Equatable, Sendable, CustomStringConvertible {
  /// The name in lower case, without a dot at either end.
  package let description: String

  /// Reads a name; a dot at its end stands for the root, which is part of every name.
  package init(_ name: some StringProtocol) {
    var name = name[...]
    while name.first == "." { name.removeFirst() }
    while name.last == "." { name.removeLast() }
    description = name.lowercased()
  }

  /// Whether a name is this one, or below it.
  package func contains(_ other: DomainName) -> Bool {
    other == self || other.description.hasSuffix(".\(description)")
  }
}
