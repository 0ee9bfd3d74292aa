// SPDX-License-Identifier: GPL-3.0-or-later

/// The resolver's entry for a host: its canonical name, its other names and its addresses.
package struct HostEntry: Equatable, Sendable {
  /// The canonical name.
  package let name: String
  /// The other names in the resolver's order, without repeats and without the canonical one.
  package let aliases: [String]
  /// The addresses in the resolver's order, without repeats.
  package let addresses: [IPAddress]

  /// Creates an entry; duplicates are removed.
  package init(name: String, aliases: [String], addresses: [IPAddress]) {
    self.name = name
    self.aliases = Self.distinct(aliases, except: [name])
    self.addresses = Self.distinct(addresses, except: [])
  }

  /// The entry extended by the result of another look-up of the same host. The name stays, and a different name becomes
  /// an alias.
  package func merging(_ other: HostEntry) -> HostEntry {
    HostEntry(
      name: name, aliases: aliases + [other.name] + other.aliases, addresses: addresses + other.addresses)
  }

  private static func distinct<Element: Hashable>(_ elements: [Element], except: [Element]) -> [Element] {
    var seen = Set(except)
    return elements.filter { seen.insert($0).inserted }
  }

  /// Combines the results of the queries about one host. A failure counts only if all queries failed; then the most
  /// informative one is returned.
  package static func joining(
    _ results: [Result<HostEntry, LookupFailure>]
  ) -> Result<HostEntry, LookupFailure> {
    let found = results.compactMap { try? $0.get() }
    if let first = found.first { return .success(found.dropFirst().reduce(first) { $0.merging($1) }) }
    let failures = results.compactMap { if case .failure(let failure) = $0 { failure } else { nil } }
    return .failure(failures.max { $0.verdict < $1.verdict } ?? LookupFailure(.hostNotFound))
  }
}
