// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import Text

/// What a command line of `ncat` connects to or listens on.
package struct NcatTarget: Equatable, Sendable {
  /// Host and port, a path, or CID and port.
  package let endpoint: Endpoint
  /// Where a connection between virtual machines comes from; `nil` if the kernel chooses.
  package let source: VsockAddress?

  /// The port of a command line without one.
  package static let usualPort = "31337"

  /// Reads the operands.
  ///
  /// - Throws: The usage error of the original, without the name and `QUITTING.`.
  package init(_ options: NcatOptions) throws(Problem) {
    guard !options.isUnix else {
      (endpoint, source) = (try Self.path(options), nil)
      return
    }
    let (host, port) = try Self.place(options)
    guard options.isVsock else {
      (endpoint, source) = (.internet(host: host, port: port), nil)
      return
    }
    let machine = if let host { try Self.machine(host, "CID") } else { VsockAddress.Machine.any }
    endpoint = .vsock(VsockAddress(machine, port: UInt32(port) ?? 0))
    source = try Self.machineSource(options)
  }

  private static func machineSource(_ options: NcatOptions) throws(Problem) -> VsockAddress? {
    guard !options.listens, options.source != nil || options.sourcePort != nil else { return nil }
    let port = options.sourcePort.flatMap { UInt32($0) } ?? VsockAddress.anyPort
    guard let source = options.source else { return VsockAddress(.any, port: port) }
    return VsockAddress(try machine(source, "source address CID"), port: port)
  }

  private static func machine(_ text: String, _ what: String) throws(Problem) -> VsockAddress.Machine {
    guard let machine = VsockAddress.Machine(decimal: text) else {
      throw Problem(text: "Invalid \(what) \"\(text)\".")
    }
    return machine
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

  private static func place(_ options: NcatOptions) throws(Problem) -> (host: String?, port: String) {
    var ports = options.operands[...]
    // A number is a port, which a listener may have alone; a CID is a number too.
    let mayBePort = !options.isVsock || options.listens && ports.count == 1
    let isPortFirst = mayBePort && ports.first?.utf8.allSatisfy(\.isDigit) == true
    let host = isPortFirst ? nil : ports.popFirst()
    if !options.listens, host == nil { throw Problem(text: "You must specify a host to connect to.") }
    if let wrong = ports.first(where: { !isPort($0, options) }) {
      throw Problem(text: "Invalid port number \"\(wrong)\".")
    }
    // Of a listener `-p` is the port.
    let all = (options.listens ? options.sourcePort.map { [$0] } ?? [] : []) + ports
    guard all.count <= 1 else {
      throw Problem(text: "Got more than one port specification: \(all.joined(separator: " ")).")
    }
    return (host, all.first ?? (options.servesProxy ? NcatProxyServer.usualPort : usualPort))
  }

  private static func isPort(_ text: String, _ options: NcatOptions) -> Bool {
    guard !text.isEmpty, text.utf8.allSatisfy(\.isDigit) else { return false }
    return options.isVsock ? UInt32(text) != nil : UInt16(text) != nil
  }
}
