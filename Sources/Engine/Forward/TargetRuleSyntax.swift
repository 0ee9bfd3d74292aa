// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Text

extension TargetRules.Rule {
  /// The reason why a text is not a rule.
  package struct SyntaxError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is accepted.
    package let description =
      "a network, a name or *, and ports, such as 192.0.2.0/24, [2001:db8::]/32:443, example.org:80,8000-8010 or *:25"
  }

  /// Reads a network, a name or `*`, and optionally a list of ports after a colon. A network of IPv6 that ports follow
  /// is in brackets, with its length inside or after them.
  package init(_ text: String) throws(SyntaxError) {
    let (host, list) = try Self.parts(of: text)
    let ports: Set<UInt16>?
    do { ports = try list.map { Set(try PortList($0).ports) } } catch { throw SyntaxError() }
    self.init(try Self.host(host), ports: ports)
  }

  /// The host without brackets, and the list of ports.
  private static func parts(of text: String) throws(SyntaxError) -> (host: String, ports: String?) {
    guard text.hasPrefix("[") else {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      return parts.count == 2 ? (String(parts[0]), String(parts[1])) : (text, nil)
    }
    let parts = text.dropFirst().split(separator: "]", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { throw SyntaxError() }
    let behind = parts[1].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let network = String(parts[0] + behind[0])
    guard behind[0].isEmpty || behind[0].hasPrefix("/"), Network(network) != nil else { throw SyntaxError() }
    return (network, behind.count == 2 ? String(behind[1]) : nil)
  }

  private static func host(_ text: String) throws(SyntaxError) -> Host {
    if text == "*" { return .any }
    if let network = Network(text) { return .network(network) }
    // The resolver would take it for an address, which the rule would then not be about.
    let last = text.lowercased().split(separator: ".").last ?? ""
    let isNumber = last.hasPrefix("0x") || last.utf8.allSatisfy(\.isDigit)
    guard !isNumber, text.utf8.allSatisfy({ $0.isLetter || $0.isDigit || "-._".utf8.contains($0) }) else {
      throw SyntaxError()
    }
    return .name(DomainName(text))
  }
}
