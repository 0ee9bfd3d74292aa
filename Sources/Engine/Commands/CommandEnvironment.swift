// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import Sockets
import SystemPackage
package import Transport

/// The environment variables that describe a command's connection, by sockkit's own names and by those of UCSPI, which
/// programs for `tcpserver` and `unixserver` use.
package struct CommandEnvironment: Equatable, Sendable {
  /// The variables and their values.
  package let variables: [String: String]

  /// Creates the variables for a stream, with those of its own.
  package init(of stream: any ByteStream) {
    self.init(of: stream.descriptor, remote: stream.remote, stream.attributes)
  }

  /// Creates the variables for a connected socket.
  ///
  /// - Parameter attributes: Further variables.
  init(of socket: FileDescriptor, remote: Address, _ attributes: [String: String] = [:]) {
    let local = StreamSocket.localAddress(of: socket) ?? .unnamed
    self.init(
      local: local, remote: remote, peer: local.family == .unix ? PeerProcess(at: socket) : nil,
      own: PeerProcess(identifier: Int(getpid()), user: getuid(), group: getgid()), attributes)
  }

  /// Creates the variables for a connection.
  ///
  /// - Parameters:
  ///   - peer: The process at the other end of a Unix socket.
  ///   - own: The process at this end of it.
  ///   - attributes: Further variables.
  package init(
    local: Address, remote: Address, peer: PeerProcess?, own: PeerProcess,
    _ attributes: [String: String] = [:]
  ) {
    var variables = attributes
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

  /// The inherited entries, with the variables of this connection.
  ///
  /// - Parameter inherited: Entries, each as `NAME=value`. Those that describe another connection are left out, and those
  ///   by which a service manager speaks to this process.
  package func entries(replacing inherited: [[UInt8]]) -> [[UInt8]] {
    let kept = inherited.filter { entry in
      let name = String(decoding: entry.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self)
      return !Self.names.contains(name) && !PassedSockets.variables.contains(name)
    }
    return kept + variables.sorted { $0.key < $1.key }.map { ByteText.bytes(of: "\($0.key)=\($0.value)") }
  }

  /// All names that describe a connection, of any protocol, whether or not a value is known.
  private static let names: Set<String> = [
    "SOCKKIT_PROTO", "SOCKKIT_LOCAL_ADDR", "SOCKKIT_LOCAL_PORT", "SOCKKIT_REMOTE_ADDR", "SOCKKIT_REMOTE_PORT",
    "PROTO", "TCPLOCALHOST", "TCPLOCALIP", "TCPLOCALPORT", "TCPREMOTEHOST", "TCPREMOTEINFO", "TCPREMOTEIP",
    "TCPREMOTEPORT", "UNIXLOCALGID", "UNIXLOCALPATH", "UNIXLOCALPID", "UNIXLOCALUID", "UNIXREMOTEEGID",
    "UNIXREMOTEEUID", "UNIXREMOTEPATH", "UNIXREMOTEPID", "SSL_PROTOCOL", "SSL_CIPHER", "SSL_CLIENT_S_DN",
    "SSL_CLIENT_VERIFY", "SSL_TLS_SNI", "SOCKKIT_TLS_PIN",
  ]
}

extension Address {
  /// The address without the port, as a command receives it; `nil` if it is unknown.
  fileprivate var commandHost: String? {
    switch self {
    case .internet(let address, _): "\(address)"
    case .unix(let path): path
    case .abstract(let name): "@\(name)"
    case .unnamed: nil
    }
  }
}
