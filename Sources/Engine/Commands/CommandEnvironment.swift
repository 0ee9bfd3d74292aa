// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import Sockets
import SystemPackage
package import Transport

/// The environment variables that describe a command's connection.
package struct CommandEnvironment: Equatable, Sendable {
  /// By which names a connection is described.
  package struct Naming: Equatable, Sendable {
    /// What precedes `_PROTO`, `_REMOTE_ADDR` and the like.
    package var prefix: String
    /// Whether there are also the names of UCSPI, which programs for `tcpserver` and `unixserver` use.
    package var includesUCSPI: Bool
    /// Whether a variable whose value is not known is set all the same, to nothing.
    package var isComplete: Bool

    /// Creates a naming.
    package init(prefix: String, includesUCSPI: Bool, isComplete: Bool = false) {
      self.prefix = prefix
      self.includesUCSPI = includesUCSPI
      self.isComplete = isComplete
    }

    /// The names of this program, and those of UCSPI.
    package static let own = Naming(prefix: "SOCKKIT", includesUCSPI: true)
  }

  /// The variables and their values.
  package let variables: [String: String]
  private let naming: Naming

  /// Creates the variables for a stream, with those of its own.
  ///
  /// - Parameter isDatagram: Whether datagrams are exchanged.
  package init(of stream: any ByteStream, isDatagram: Bool = false, naming: Naming = .own) {
    self.init(
      of: stream.descriptor, local: stream.local, remote: stream.remote, stream.attributes,
      isDatagram: isDatagram, naming: naming)
  }

  /// Creates the variables for a connected socket.
  ///
  /// - Parameters:
  ///   - attributes: Further variables.
  ///   - isDatagram: Whether datagrams are exchanged.
  init(
    of socket: FileDescriptor, local: Address, remote: Address, _ attributes: [String: String] = [:],
    isDatagram: Bool = false, naming: Naming = .own
  ) {
    self.init(
      local: local, remote: remote,
      peer: local.family == .unix && !isDatagram ? PeerProcess(at: socket) : nil,
      own: PeerProcess(identifier: Int(getpid()), user: getuid(), group: getgid()), attributes,
      over: isDatagram ? .ofDatagrams(local.family) : StreamTransport(of: socket, family: local.family),
      naming: naming)
  }

  /// Creates the variables for a connection.
  ///
  /// - Parameters:
  ///   - peer: The process at the other end of a Unix socket.
  ///   - own: The process at this end of it.
  ///   - attributes: Further variables.
  ///   - transport: What carries the bytes.
  ///   - naming: The names of the variables.
  package init(
    local: Address, remote: Address, peer: PeerProcess?, own: PeerProcess,
    _ attributes: [String: String] = [:], over transport: StreamTransport, naming: Naming = .own
  ) {
    self.naming = naming
    let isUnix = local.family == .unix
    let name = transport.name.uppercased()
    var variables = attributes
    let prefix = naming.prefix
    variables["\(prefix)_PROTO"] = name
    variables["\(prefix)_LOCAL_ADDR"] = local.commandHost
    variables["\(prefix)_LOCAL_PORT"] = local.portNumber.map { "\($0)" }
    variables["\(prefix)_REMOTE_ADDR"] = remote.commandHost
    variables["\(prefix)_REMOTE_PORT"] = remote.portNumber.map { "\($0)" }
    if naming.isComplete {
      for name in naming.ownNames where variables[name] == nil { variables[name] = "" }
    }
    guard naming.includesUCSPI else {
      self.variables = variables
      return
    }
    variables["PROTO"] = name
    if isUnix {
      variables["UNIXLOCALPATH"] = local.commandHost
      variables["UNIXLOCALPID"] = "\(own.identifier)"
      variables["UNIXLOCALUID"] = "\(own.user)"
      variables["UNIXLOCALGID"] = "\(own.group)"
      variables["UNIXREMOTEPATH"] = remote.commandHost
      variables["UNIXREMOTEPID"] = peer.map { "\($0.identifier)" }
      variables["UNIXREMOTEEUID"] = peer.map { "\($0.user)" }
      variables["UNIXREMOTEEGID"] = peer.map { "\($0.group)" }
    } else if local.family.isInternet {
      variables["TCPLOCALIP"] = local.commandHost
      variables["TCPLOCALPORT"] = local.port.map { "\($0)" }
      variables["TCPREMOTEIP"] = remote.commandHost
      variables["TCPREMOTEPORT"] = remote.port.map { "\($0)" }
    }
    self.variables = variables
  }

  /// The variables, each as `NAME=value`, in the order of their names.
  package var entries: [[UInt8]] {
    variables.sorted { $0.key < $1.key }.map { ByteText.bytes(of: "\($0.key)=\($0.value)") }
  }
}

extension CommandEnvironment.Naming {
  /// The inherited entries, with the variables of a connection.
  ///
  /// - Parameters:
  ///   - own: The variables, each as `NAME=value`; those that do not describe a connection are left out.
  ///   - inherited: Such entries. Those that describe another connection are left out, and those by which a service manager
  ///     speaks to this process.
  package func entries(_ own: [[UInt8]], replacing inherited: [[UInt8]]) -> [[UInt8]] {
    let described = Set(ownNames).union(Self.namesOfUCSPI)
    let kept = inherited.filter {
      let name = Self.name(of: $0)
      return !names.contains(name) && !PassedSockets.variables.contains(name)
    }
    return kept + own.filter { described.contains(Self.name(of: $0)) }
  }

  private static func name(of entry: [UInt8]) -> String {
    String(decoding: entry.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self)
  }
}

extension CommandEnvironment.Naming {
  /// All names that describe a connection, of any protocol, whether or not a value is known.
  fileprivate var names: Set<String> {
    Set(ownNames).union(includesUCSPI ? Self.namesOfUCSPI : [])
  }

  /// The names that begin with the prefix.
  fileprivate var ownNames: [String] {
    ["PROTO", "LOCAL_ADDR", "LOCAL_PORT", "REMOTE_ADDR", "REMOTE_PORT"].map { "\(prefix)_\($0)" }
  }

  /// The names of UCSPI, and those of TLS that go with them.
  private static let namesOfUCSPI: Set<String> = [
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
    case .vsock(let address): "\(address.machine.number)"
    }
  }
}
