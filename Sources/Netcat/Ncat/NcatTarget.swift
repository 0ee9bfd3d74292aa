// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// What a command line of `ncat` connects to or listens on.
package struct NcatTarget: Equatable, Sendable {
  /// Host and port, or a path.
  package let endpoint: Endpoint

  /// The port of a command line without one.
  package static let usualPort = "31337"

  /// Reads the operands.
  ///
  /// - Throws: The usage error of the original, without the name and `QUITTING.`.
  package init(_ options: NcatOptions) throws(Problem) {
    endpoint = options.isUnix ? try Self.path(options) : try Self.place(options)
  }

  /// Why the operands are wrong.
  package struct Problem: Error {
    /// The words of the original.
    let text: String
  }

  private static func path(_ options: NcatOptions) throws(Problem) -> Endpoint {
    let words = options.operands
    guard let path = words.first else {
      throw Problem(
        text: "You have to specify path to a socket to \(options.listens ? "listen on" : "connect to").")
    }
    guard words.count == 1 else { throw Problem(text: "Invalid port number \"\(words[1])\".") }
    return .unix(path)
  }

  private static func place(_ options: NcatOptions) throws(Problem) -> Endpoint {
    var ports = options.operands[...]
    // A number is a port, which a listener may have alone.
    let isPortFirst = ports.first?.utf8.allSatisfy(\.isDigit) == true
    let host = isPortFirst ? nil : ports.popFirst()
    if !options.listens, host == nil { throw Problem(text: "You must specify a host to connect to.") }
    if let wrong = ports.first(where: { !isPort($0) }) {
      throw Problem(text: "Invalid port number \"\(wrong)\".")
    }
    // Of a listener `-p` is the port.
    let all = (options.listens ? options.sourcePort.map { [$0] } ?? [] : []) + ports
    guard all.count <= 1 else {
      throw Problem(text: "Got more than one port specification: \(all.joined(separator: " ")).")
    }
    let usualPort = options.servesProxy ? NcatProxyServer.usualPort : Self.usualPort
    return .internet(host: host, port: all.first ?? usualPort)
  }

  private static func isPort(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy(\.isDigit) && UInt16(text) != nil
  }
}

extension UInt8 {
  /// Whether it is a decimal digit in ASCII.
  fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
