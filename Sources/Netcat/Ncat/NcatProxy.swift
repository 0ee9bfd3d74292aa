// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import HTTP
package import Handshakes
package import Sessions
package import Sockets

/// The proxy of a command line of `ncat`.
package struct NcatProxy {
  /// The proxy's host, as it was given.
  package let host: String
  /// The proxy, and how it is spoken to.
  private let url: ProxyURL
  private let credentials: ProxyCredentials?

  /// What a proxy speaks, by the names of the original; `nil` for another name.
  package static func scheme(of type: String) -> ProxyURL.Scheme? {
    switch type.lowercased() {
    case "http": .http
    case "socks4", "4": .socks4a
    case "socks5", "5": .socks5h
    default: nil
    }
  }

  /// Reads the options of a proxy; `nil` without `--proxy`.
  ///
  /// - Parameter environment: The user of the environment, for a command line without one.
  /// - Throws: The usage error of the original.
  package init?(_ options: NcatOptions, environment: String?) throws(NcatTarget.Problem) {
    guard let proxy = options.proxy else { return nil }
    let scheme = options.proxyType.flatMap(Self.scheme) ?? .http
    let (host, port) = Self.split(proxy)
    if let port, UInt16(port) == nil { throw .init(text: "Invalid proxy port number \"\(port)\".") }
    self.host = host
    let shown = host.contains(":") ? "[\(host)]" : host
    do throws(ProxyURL.SyntaxError) {
      url = try ProxyURL("\(scheme.rawValue)://\(shown)\(port.map { ":\($0)" } ?? "")")
    } catch {
      throw .init(text: "\(error).")
    }
    credentials = (options.proxyUser ?? environment).map(Self.credentials)
    if case .user(let user)? = credentials, scheme != .http, !user.fitsSOCKS {
      throw .init(text: "Error: username or password is too long.")
    }
  }

  /// The chain of this proxy.
  ///
  /// - Parameter lookup: Who looks up the target.
  package func chain(_ lookup: NcatOptions.ProxyLookup) -> ProxyChain {
    let credentials = credentials
    var chain = ProxyChain([.init(url) { credentials }])
    chain.looksUpLocally = lookup == .local
    chain.version = .http10
    return chain
  }

  /// Host and port; an IPv6 address with a port is in brackets.
  private static func split(_ text: String) -> (host: String, port: String?) {
    if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
      let rest = text[text.index(after: end)...]
      return (
        String(text.dropFirst().prefix { $0 != "]" }), rest.hasPrefix(":") ? String(rest.dropFirst()) : nil
      )
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 2 ? (String(parts[0]), String(parts[1])) : (text, nil)
  }

  private static func credentials(_ text: String) -> ProxyCredentials {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    return .user(UserCredentials(user: parts[0], password: parts.count > 1 ? parts[1] : ""))
  }
}

extension NcatProxy {
  /// The refusal of a proxy in the words of the original.
  package static func words(of error: IOFailure) -> String {
    switch error.answer {
    case .http(let status, _): "Proxy returned status code \(status)"
    case .authentication(isNegotiated: false): "Error: no acceptable authentication method proposed"
    case .authentication(isNegotiated: true): "Error: authentication failed"
    case .socks5(let code): "Error: \(replies[code] ?? "unknown error")"
    case .socks4, nil: "Proxy connection failed: \(error.explanation)"
    }
  }

  /// The replies of SOCKS 5, by their codes.
  private static let replies: [UInt8: String] = [
    1: "general SOCKS server failure", 2: "connection not allowed by ruleset", 3: "Network unreachable",
    4: "Host unreachable", 5: "Connection refused", 6: "TTL expired", 7: "Command not supported",
    8: "Address type not supported",
  ]
}
