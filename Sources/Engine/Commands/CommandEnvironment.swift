// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// What a command's environment says of its connection, by our own names and by those of UCSPI, which programs know that
/// were written for `tcpserver` and `unixserver`.
package struct CommandEnvironment: Equatable, Sendable {
  /// The variables and their values.
  package let variables: [String: String]

  /// Names those that describe a connection.
  ///
  /// - Parameters:
  ///   - peer: Who is at the other end of a Unix socket.
  ///   - own: Who is at this end of it.
  package init(local: Address, remote: Address, peer: PeerProcess?, own: PeerProcess) {
    var variables: [String: String] = [:]
    if local.family == .unix {
      variables["PROTO"] = "UNIX"
      variables["UNIXLOCALPATH"] = local.commandHost
      variables["UNIXLOCALPID"] = "\(own.identifier)"
      variables["UNIXLOCALUID"] = "\(own.user)"
      variables["UNIXLOCALGID"] = "\(own.group)"
      variables["UNIXREMOTEPATH"] = remote.commandHost
      variables["UNIXREMOTEPID"] = peer.map { "\($0.identifier)" }
      variables["UNIXREMOTEEUID"] = peer.map { "\($0.user)" }
      variables["UNIXREMOTEEGID"] = peer.map { "\($0.group)" }
    } else {
      variables["PROTO"] = "TCP"
      variables["TCPLOCALIP"] = local.commandHost
      variables["TCPLOCALPORT"] = local.port.map { "\($0)" }
      variables["TCPREMOTEIP"] = remote.commandHost
      variables["TCPREMOTEPORT"] = remote.port.map { "\($0)" }
    }
    variables["SOCKKIT_PROTO"] = variables["PROTO"]
    variables["SOCKKIT_LOCAL_ADDR"] = local.commandHost
    variables["SOCKKIT_LOCAL_PORT"] = local.port.map { "\($0)" }
    variables["SOCKKIT_REMOTE_ADDR"] = remote.commandHost
    variables["SOCKKIT_REMOTE_PORT"] = remote.port.map { "\($0)" }
    self.variables = variables
  }

  /// Everything else of an environment, and the variables.
  ///
  /// - Parameter inherited: Entries, each as `NAME=value`. What they say of another connection is left out.
  package func entries(replacing inherited: [[UInt8]]) -> [[UInt8]] {
    let kept = inherited.filter { entry in
      !Self.names.contains(String(decoding: entry.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self))
    }
    return kept + variables.sorted { $0.key < $1.key }.map { ByteText.bytes(of: "\($0.key)=\($0.value)") }
  }

  /// All the names that describe a connection, whether it is of TCP or not, and whether we know a value or not.
  private static let names: Set<String> = [
    "SOCKKIT_PROTO", "SOCKKIT_LOCAL_ADDR", "SOCKKIT_LOCAL_PORT", "SOCKKIT_REMOTE_ADDR", "SOCKKIT_REMOTE_PORT",
    "PROTO", "TCPLOCALHOST", "TCPLOCALIP", "TCPLOCALPORT", "TCPREMOTEHOST", "TCPREMOTEINFO", "TCPREMOTEIP",
    "TCPREMOTEPORT", "UNIXLOCALGID", "UNIXLOCALPATH", "UNIXLOCALPID", "UNIXLOCALUID", "UNIXREMOTEEGID",
    "UNIXREMOTEEUID", "UNIXREMOTEPATH", "UNIXREMOTEPID",
  ]
}

extension Address {
  /// Where it is without the port, as a command is told; `nil` where nothing is known.
  fileprivate var commandHost: String? {
    switch self {
    case .internet(let address, _): "\(address)"
    case .unix(let path): path
    case .abstract(let name): "@\(name)"
    case .unnamed: nil
    }
  }
}
