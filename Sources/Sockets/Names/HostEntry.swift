// SPDX-License-Identifier: GPL-3.0-or-later

/// What the resolver knows of a host: its canonical name, its other names and its addresses.
package struct HostEntry: Equatable, Sendable {
  /// The canonical name.
  package let name: String
  /// The other names in the resolver's order, without repeats and without the canonical one.
  package let aliases: [String]
  /// The addresses in the resolver's order, without repeats.
  package let addresses: [IPAddress]

  /// Creates an entry; what is repeated is left out.
  package init(name: String, aliases: [String], addresses: [IPAddress]) {
    self.name = name
    self.aliases = Self.distinct(aliases, except: [name])
    self.addresses = Self.distinct(addresses, except: [])
  }

  /// The entry with what another look-up of the same host found, after what it has; the name stays, and a
  /// different one becomes an alias.
  package func merging(_ other: HostEntry) -> HostEntry {
    HostEntry(
      name: name, aliases: aliases + [other.name] + other.aliases, addresses: addresses + other.addresses)
  }

  private static func distinct<Element: Hashable>(_ elements: [Element], except: [Element]) -> [Element] {
    var seen = Set(except)
    return elements.filter { seen.insert($0).inserted }
  }

  /// Joins what the questions about one host brought: a failure counts only where there is nothing else, and
  /// then the most telling one.
  package static func joining(
    _ results: [Result<HostEntry, LookupFailure>]
  ) -> Result<HostEntry, LookupFailure> {
    let found = results.compactMap { try? $0.get() }
    if let first = found.first { return .success(found.dropFirst().reduce(first) { $0.merging($1) }) }
    let failures = results.compactMap { if case .failure(let failure) = $0 { failure } else { nil } }
    return .failure(failures.max { $0.verdict < $1.verdict } ?? LookupFailure(.hostNotFound))
  }
}
