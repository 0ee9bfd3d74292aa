// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// A rule about the targets of a proxy, by a second reading.
struct StrictRule {
  /// The network that it is about; `nil` if it is about names or everything.
  let network: StrictNetwork?
  private let labels: [String]?
  private let ports: [UInt16]?

  /// Reads a rule; `nil` for anything else.
  init?(_ text: ArraySlice<UInt8>) {
    let colons = text.indices.filter { text[$0] == UInt8(ascii: ":") }
    var (host, list) = (Array(text), ArraySlice<UInt8>?.none)
    if text.first == UInt8(ascii: "[") {
      guard let bracket = text.firstIndex(of: UInt8(ascii: "]")) else { return nil }
      let colon = colons.first { $0 > bracket }
      let behind = text[..<(colon ?? text.endIndex)].dropFirst(bracket + 1 - text.startIndex)
      guard behind.isEmpty || behind.first == UInt8(ascii: "/") else { return nil }
      host = Array(text[..<bracket].dropFirst() + behind)
      list = colon.map { text[$0...].dropFirst() }
      guard StrictNetwork(host) != nil else { return nil }
    } else if colons.count == 1, let colon = colons.first {
      (host, list) = (Array(text[..<colon]), text[colon...].dropFirst())
    }
    ports = list.flatMap { PortCheck.ports(of: $0) { ServiceDatabase.port(of: $0) } }
    guard list == nil || ports != nil else { return nil }
    network = StrictNetwork(host)
    labels = network == nil && host != Array("*".utf8) ? Self.labels(of: host) : nil
    guard let labels else { return }
    let last = labels.last ?? ""
    guard !last.isEmpty, !last.hasPrefix("0x"), last.contains(where: { !$0.isNumber }),
      host.allSatisfy({ $0.isAlphanumeric || "-._".utf8.contains($0) })
    else { return nil }
  }

  /// Whether it is about a target, whose name or address may be unknown.
  func matches(_ name: String?, _ address: [UInt8]?, _ port: UInt16) -> Bool {
    guard ports?.contains(port) ?? true else { return false }
    if let network { return address.map { network.contains($0) } ?? false }
    guard let labels else { return true }
    return name.map { Self.labels(of: Array($0.utf8)).suffix(labels.count) == labels[...] } ?? false
  }

  /// The labels in small letters, without the dots at both ends.
  private static func labels(of name: [UInt8]) -> [String] {
    let dot = UInt8(ascii: ".")
    let bare = name.drop { $0 == dot }.reversed().drop { $0 == dot }.reversed()
    return bare.split(separator: dot, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self).lowercased() }
  }
}
