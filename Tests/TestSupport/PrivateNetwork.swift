// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
public import Testing

/// A network for one test, with nothing in it but the loopback interface, and with its own name resolution: a hosts
/// file and a name server on port 53 of 127.0.0.1.
///
/// It requires the network and mount namespaces of Linux, which some containers do not permit.
public struct PrivateNetwork: Sendable {
  /// What answers on port 53.
  public enum NameServer: Sendable {
    /// Nothing: queries are refused at once.
    case none
    /// A server that receives queries and never answers.
    case silent
    /// `dnsmasq` with these records, as its options; it answers for all names below `example` and in reverse.
    case answering([String])
  }

  private let nameServer: NameServer
  private let hosts: String
  private let searchList: String

  /// Creates a description of a network.
  ///
  /// - Parameters:
  ///   - hosts: The contents of the hosts file in addition to `localhost`.
  ///   - searchList: The domains in which short names are looked up.
  public init(_ nameServer: NameServer, hosts: String = "", searchList: String = "") {
    self.nameServer = nameServer
    self.hosts = hosts
    self.searchList = searchList
  }

  /// Runs a shell script in such a network to its end; `sockkit` in it is the one that was built, and its working
  /// directory is a new one.
  public func shell(_ script: String) async throws -> Finished {
    try await run(["/bin/sh", "-c", script], title: "(in a network of its own) \(script)")
  }

  /// Runs a Python script in such a network to its end.
  public func python(_ script: String) async throws -> Finished {
    try await run(try Program.python(script))
  }

  /// Runs a program in such a network to its end.
  public func run(_ program: Program) async throws -> Finished {
    try await run([program.path] + program.arguments, title: "(in a network of its own) \(program)")
  }

  private func run(_ command: [String], title: String) async throws -> Finished {
    let directory = try TemporaryDirectory()
    _ = try directory.write("127.0.0.1 localhost\n\(hosts)\n", to: "hosts")
    let search = searchList.isEmpty ? "" : "search \(searchList)\n"
    _ = try directory.write("nameserver 127.0.0.1\n\(search)", to: "resolv.conf")
    _ = try directory.write("hosts: files dns\nservices: files\nprotocols: files\n", to: "nsswitch.conf")
    let script = try Self.preparation + startServer + "\"$@\""
    let program = try Self.unshare(["/bin/sh", "-c", script, directory.path] + command)
    let titled = Program(path: program.path, arguments: program.arguments, title: title)
    return try await RunningProgram(titled, input: .file("/dev/null")).finished()
  }

  /// Whether this system permits tests to create namespaces.
  public static func isPermitted() async throws -> Bool {
    let finished = try await RunningProgram(try unshare(["true"]), input: .file("/dev/null")).finished()
    return finished.ending == .exit(0)
  }

  /// A command in network and mount namespaces of its own, as the root user of these.
  static func unshare(_ command: [String]) throws -> Program {
    let rights = geteuid() == 0 ? [] : ["--map-root-user"]
    return try .other("unshare", package: "util-linux", rights + ["--net", "--mount", "--"] + command)
  }

  /// The commands that set up the network; `$0` is the directory.
  private static var preparation: String {
    get throws {
      let ip = try Program.other("ip", package: "iproute2", []).path
      return """
        cd "$0" && \(ip) link set lo up || exit 99
        for file in hosts resolv.conf nsswitch.conf; do mount --bind $file /etc/$file || exit 99; done

        """
    }
  }

  /// Starts the server and waits until it is ready; a server that ends before fails the script.
  private var startServer: String {
    get throws {
      let command: String
      switch nameServer {
      case .none: return ""
      case .silent:
        let python = try Program.python("").path
        command = """
          \(python) -c '
          import signal, socket
          server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
          server.bind(("127.0.0.1", 53))
          signal.pause()'
          """
      case .answering(let records):
        // Without a change of user and group, which the namespace of an unprivileged user does not permit.
        let options =
          [
            "--keep-in-foreground", "--no-hosts", "--no-resolv", "--conf-file=/dev/null", "--pid-file=",
            "--user=", "--group=", "--log-facility=-", "--listen-address=127.0.0.1",
            "--bind-interfaces", "--local=/example/", "--local=/arpa/",
          ] + records
        command = try Program.other("dnsmasq", package: "dnsmasq-base", options).description
      }
      return """
        \(command) > server.log 2>&1 &
        server=$!
        trap 'kill $server' EXIT
        until grep -q ' 0100007F:0035 ' /proc/net/udp; do
          kill -0 $server || { cat server.log >&2; exit 99; }
          sleep 0.02
        done

        """
    }
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips a test, with a message, if this system does not permit tests to create a `PrivateNetwork`.
  public static var onPrivateNetworks: ConditionTrait {
    .enabled("this system does not permit network and mount namespaces") {
      try await PrivateNetwork.isPermitted()
    }
  }
}
