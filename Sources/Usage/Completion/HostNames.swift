// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// The names of hosts that files on this machine have, to choose from where a host is typed.
package enum HostNames {
  /// Those of a hosts file, hosts(5): all the names of each line, and no addresses.
  package static func names(inHosts text: String) -> [String] {
    lines(of: text).flatMap { $0.split(whereSeparator: \.isWhitespace).dropFirst().map(String.init) }
  }

  /// Those of a file of known hosts, sshd(8): names, addresses and `[name]:port`, without what is hashed, a pattern or
  /// an authority.
  package static func names(inKnownHosts text: String) -> [String] {
    lines(of: text).flatMap { line -> [String] in
      guard let field = line.split(whereSeparator: \.isWhitespace).first, !"|@".contains(field.first ?? "|")
      else { return [] }
      return field.split(separator: ",").compactMap(name)
    }
  }

  /// A host without the brackets and the port that go with another one than 22.
  private static func name(of entry: Substring) -> String? {
    guard !entry.contains(where: "*?!".contains) else { return nil }
    guard entry.hasPrefix("["), let end = entry.firstIndex(of: "]") else { return String(entry) }
    return String(entry[entry.index(after: entry.startIndex)..<end])
  }

  private static func lines(of text: String) -> [Substring] {
    text.split(whereSeparator: \.isNewline).map { $0.prefix { $0 != "#" } }
  }

  /// All of this machine's hosts file and of a user's known hosts, each once and in order; a file that cannot be read has
  /// none.
  ///
  /// - Parameter home: The user's home directory.
  package static func known(home: String?) -> [String] {
    var names = Set(names(inHosts: text(of: "/etc/hosts")))
    if let home { names.formUnion(self.names(inKnownHosts: text(of: home + "/.ssh/known_hosts"))) }
    return names.sorted()
  }

  private static func text(of path: String) -> String {
    guard let bytes = try? RegularFile.bytes(of: path) else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }
}
