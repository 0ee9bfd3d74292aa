// SPDX-License-Identifier: GPL-3.0-or-later

/// A URL used as an address, `tcp://localhost:80`, and the equivalent words.
struct URLAddress: Equatable {
  /// The scheme, in lower case.
  let scheme: String
  /// The words of the address: a host and a port, with that of the scheme if the URL has no port; or a port alone.
  let address: [String]

  /// Recognises a URL; `nil` for every other word, and for a URL without a host and port.
  init?(_ word: String) {
    let bytes = Array(word.utf8)
    guard let mark = bytes.indices.first(where: { bytes[$0...].starts(with: "://".utf8) }) else { return nil }
    scheme = String(decoding: bytes[..<mark], as: UTF8.self).lowercased()
    var authority = String(decoding: bytes[(mark + 3)...].prefix { !"/?#".utf8.contains($0) }, as: UTF8.self)
    if let at = authority.lastIndex(of: "@") { authority = String(authority[at...].dropFirst()) }
    let isPortless = authority.hasPrefix("[") ? authority.hasSuffix("]") : !authority.contains(":")
    guard !authority.isEmpty, !scheme.isEmpty else { return nil }
    guard !isPortless else {
      guard !Self.transports.contains(scheme) else { return nil }
      address = [authority, Self.portsOfTLS[scheme] ?? scheme]
      return
    }
    guard let colon = authority.lastIndex(of: ":"), authority.last != ":" else { return nil }
    let (host, port) = (String(authority[..<colon]), String(authority[colon...].dropFirst()))
    address = host.isEmpty || host == "*" ? [port] : [host, port]
  }

  /// The advice for a URL in the command line of a subcommand.
  ///
  /// - Parameter subcommand: The current subcommand; `nil` if none was given.
  func advice(in subcommand: String?) -> String {
    if subcommand == "forward", isProtected {
      return "use '--tls-target' and the target \(address.joined(separator: ":"))"
    }
    return UsageAdvice.meaning(commandLine(in: subcommand))
  }

  /// The intended command line if a URL is in that of a subcommand.
  ///
  /// - Parameter subcommand: The current subcommand; `nil` if none was given.
  private func commandLine(in subcommand: String?) -> String {
    let name =
      switch (subcommand, Self.datagramSchemes.contains(scheme)) {
      case ("listen", true): "udp-recv"
      case ("connect", true), (nil, true): "udp-send"
      case ("udp-recv", false) where Self.transports.contains(scheme): "listen"
      case ("udp-send", false), (nil, false): "connect"
      case (let name?, _): name
      }
    return (["sockkit", name] + options(of: name) + address).joined(separator: " ")
  }

  /// The options of a subcommand with which it speaks the protocol of the URL.
  private func options(of name: String) -> [String] {
    switch name {
    case _ where !isProtected: []
    case "connect", "calc": ["--tls"]
    case "listen", "echo-server", "http-server", "calc-server": ["--tls", "--tls-self-signed"]
    default: []
    }
  }

  private var isProtected: Bool {
    Self.portsOfTLS[scheme] != nil || Self.protectedTransports.contains(scheme)
  }

  private static let datagramSchemes: Set = ["udp", "udp4", "udp6"]
  private static let protectedTransports: Set = ["tls", "ssl"]
  /// The ports of the schemes that speak another protocol over TLS.
  private static let portsOfTLS = ["https": "443", "wss": "443"]
  /// Schemes that do not name a service.
  private static let transports = datagramSchemes.union(protectedTransports).union(["tcp", "tcp4", "tcp6"])
}
