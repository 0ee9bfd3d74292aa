// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// The host names in files on this machine, offered as completions.
package enum HostNames {
  /// The names in a hosts file, hosts(5): all names of each line, without the addresses.
  package static func names(inHosts text: String) -> [String] {
    lines(of: text).flatMap { $0.split(whereSeparator: \.isWhitespace).dropFirst().map(String.init) }
  }

  /// The names in a file of known hosts, sshd(8): names, addresses and `[name]:port`, without hashed names, patterns
  /// and certificate authorities.
  package static func names(inKnownHosts text: String) -> [String] {
    lines(of: text).flatMap { line -> [String] in
      guard let field = line.split(whereSeparator: \.isWhitespace).first, !"|@".contains(field.first ?? "|")
      else { return [] }
      return field.split(separator: ",").compactMap(name)
    }
  }

  /// The host of an entry, without the brackets and port of an entry for a port other than 22.
  private static func name(of entry: Substring) -> String? {
    guard !entry.contains(where: "*?!".contains) else { return nil }
    guard entry.hasPrefix("["), let end = entry.firstIndex(of: "]") else { return String(entry) }
    return String(entry[entry.index(after: entry.startIndex)..<end])
  }

  private static func lines(of text: String) -> [Substring] {
    text.split(whereSeparator: \.isNewline).map { $0.prefix { $0 != "#" } }
  }

  /// All names in this machine's hosts file and in a user's known hosts, sorted and without duplicates; a file that
  /// cannot be read counts as empty.
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
