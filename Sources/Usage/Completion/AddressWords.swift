// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// Completes the words of an address.
package enum AddressWords {
  /// The kind of completions offered.
  package struct Offer: Equatable, Sendable {
    /// The part of the word that is kept before the completion.
    package var prefix = ""
    /// The part to complete.
    package var part: Part

    /// Creates an offer.
    package init(_ part: Part, behind prefix: String = "") {
      self.prefix = prefix
      self.part = part
    }
  }

  /// A part of an address.
  package enum Part: Equatable, Sendable {
    case host
    case service
    /// The path of a Unix socket.
    case path
    /// The identifier of a virtual machine, or of its host.
    case machine
    case nothing
  }

  /// The offer for the address of a peer.
  ///
  /// - Parameters:
  ///   - word: The word typed so far.
  ///   - positionals: The words before it.
  ///   - isList: Whether the port may be a list with ranges, and several addresses may be given.
  package static func remote(_ word: String, after positionals: [String], isList: Bool) -> Offer {
    if let offer = whole(word, isList: isList) { return offer }
    guard let first = positionals.first else { return Offer(.host) }
    guard !isWhole(first) else { return Offer(isList ? .host : .nothing) }
    guard positionals.count == 1 || isList else { return Offer(.nothing) }
    return port(word, behind: "", isList: isList)
  }

  /// The offer for the address to bind, whose first word may be a port, or name inherited sockets.
  package static func local(_ word: String, after positionals: [String]) -> Offer {
    if !InheritedSockets.isNamed(by: word), let offer = whole(word, isList: false) { return offer }
    guard let first = positionals.first else { return Offer(.host) }
    return Offer(positionals.count == 1 && localCount(first) == 2 ? .service : .nothing)
  }

  /// The number of words at the start that are the address of a peer, if others follow: one if it includes the port,
  /// otherwise two.
  package static func remoteCount(_ first: String) -> Int { isWhole(first) ? 1 : 2 }

  /// The number of words at the start that are the address to bind, if others follow: one if it is or includes a port,
  /// or names inherited sockets, otherwise two.
  package static func localCount(_ first: String) -> Int {
    UInt16(first) != nil || InheritedSockets.isNamed(by: first) ? 1 : remoteCount(first)
  }

  /// The number of words of a command line that are the address, if others follow.
  ///
  /// - Parameter isBound: Whether it is an address to bind, rather than that of a peer.
  package static func count(in typed: TypedWords, isBound: Bool) -> Int {
    guard typed.options.isDisjoint(with: ["-U", "--unix", "--inetd"]), let first = typed.positionals.first
    else {
      return 0
    }
    guard isBound else { return remoteCount(first) }
    return typed.options.isDisjoint(with: ["-p", "--source-port"]) ? localCount(first) : 1
  }

  /// The offer for a Unix path, or for the port in a word that includes its host; `nil` for anything else.
  private static func whole(_ word: String, isList: Bool) -> Offer? {
    if word.hasPrefix("unix:") { return Offer(.path, behind: "unix:") }
    if word.hasPrefix(VsockAddress.beginning) {
      return Offer(word.count { $0 == ":" } == 1 ? .machine : .nothing, behind: VsockAddress.beginning)
    }
    guard let colon = word.lastIndex(of: ":"), isWhole(String(word[...colon])) else { return nil }
    let end = word.index(after: colon)
    return port(String(word[end...]), behind: String(word[..<end]), isList: isList)
  }

  private static func port(_ text: String, behind host: String, isList: Bool) -> Offer {
    guard isList, let comma = text.lastIndex(of: ",") else { return Offer(.service, behind: host) }
    return Offer(.service, behind: host + text[...comma])
  }

  /// Whether a word includes both host and port, or is an endpoint of another family: an IPv6 address with a port has brackets.
  private static func isWhole(_ word: String) -> Bool {
    Endpoint.isWhole(word) || (word.hasPrefix("[") ? word.includes("]:") : word.count { $0 == ":" } == 1)
  }
}
