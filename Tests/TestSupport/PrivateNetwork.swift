// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
public import Testing

/// A network of a test's own, with nothing in it but the loopback, and name resolution of its own: a hosts file
/// and whatever answers on port 53 of 127.0.0.1.
///
/// It takes the network and mount namespaces of Linux, which some containers refuse to make.
public struct PrivateNetwork: Sendable {
  /// Who answers on port 53.
  public enum NameServer: Sendable {
    /// Nobody: questions are refused at once.
    case none
    /// A server that takes questions and never answers.
    case silent
    /// `dnsmasq` with these records, as its options; it knows all there is below `example` and in reverse.
    case answering([String])
  }

  private let nameServer: NameServer
  private let hosts: String
  private let searchList: String

  /// Describes a network.
  ///
  /// - Parameters:
  ///   - hosts: What the hosts file has beside `localhost`.
  ///   - searchList: The domains in which short names are looked for.
  public init(_ nameServer: NameServer, hosts: String = "", searchList: String = "") {
    self.nameServer = nameServer
    self.hosts = hosts
    self.searchList = searchList
  }

  /// Runs a shell script in such a network to its end; `sockkit` in it is the one that was built, and its
  /// working directory is one of its own.
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

  /// Whether this system lets tests make namespaces.
  public static func isPermitted() async throws -> Bool {
    let finished = try await RunningProgram(try unshare(["true"]), input: .file("/dev/null")).finished()
    return finished.ending == .exit(0)
  }

  /// A command in network and mount namespaces of its own, as their root.
  static func unshare(_ command: [String]) throws -> Program {
    let rights = geteuid() == 0 ? [] : ["--map-root-user"]
    return try .other("unshare", package: "util-linux", rights + ["--net", "--mount", "--"] + command)
  }

  /// The script's name is the directory.
  private static var preparation: String {
    get throws {
      let ip = try Program.other("ip", package: "iproute2", []).path
      return """
        cd "$0" && \(ip) link set lo up || exit 99
        for file in hosts resolv.conf nsswitch.conf; do mount --bind $file /etc/$file || exit 99; done

        """
    }
  }

  /// Starts the server and goes on once it is there; a server that ends before fails the script.
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
        // Without a user and a group to change to, which an ordinary user's namespace does not allow.
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
  /// Skips, and says so, where this system does not let tests make a `PrivateNetwork`.
  public static var onPrivateNetworks: ConditionTrait {
    .enabled("this system does not permit network and mount namespaces") {
      try await PrivateNetwork.isPermitted()
    }
  }
}
