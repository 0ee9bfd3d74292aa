// SPDX-License-Identifier: GPL-3.0-or-later

/// Shell scripts that need two hosts on one network.
///
/// If the system permits it, these are two network namespaces with a cable between them, created for one script and
/// removed with it; otherwise both are the loopback interface.
///
/// `near` and `far` before a command run it on one of the hosts; `$near_if`, `$far_if`, `$near`, `$far`, `$near6`,
/// `$far6` and `$broadcast` are their interfaces and addresses. `await FILE` waits for a file and prints it. The
/// working directory is a new one.
public enum TwoHosts {
  /// Runs a script to its end.
  public static func run(_ script: String) async throws -> Finished {
    let directory = try TemporaryDirectory()
    let words = """
      near() { "$@"; }
      await() { while [ ! -e "$1" ]; do sleep 0.02; done; cat "$1"; }

      """
    func command(_ hosts: String) -> [String] {
      ["/bin/sh", "-euc", "cd \"$0\"\n" + hosts + words + script, directory.path]
    }
    let program =
      try await PrivateNetwork.isPermitted()
      ? try PrivateNetwork.unshare(command(try namespaces))
      : Program(path: "/bin/sh", arguments: Array(command(loopback).dropFirst()))
    let titled = Program(path: program.path, arguments: program.arguments, title: "(on two hosts) \(script)")
    return try await RunningProgram(titled, input: .file("/dev/null")).finished()
  }

  private static var namespaces: String {
    get throws {
      let ip = try Program.other("ip", package: "iproute2", []).path
      return """
        mount -t tmpfs tmpfs /run
        \(ip) netns add other
        \(ip) link add near0 type veth peer name far0 netns other
        far() { nsenter --net=/run/netns/other "$@"; }
        near_if=near0 far_if=far0 near=10.99.0.1 far=10.99.0.2 near6=fd00:99::1 far6=fd00:99::2
        broadcast=10.99.0.255
        \(ip) link set lo up
        \(ip) link set $near_if up
        \(ip) address add $near/24 broadcast $broadcast dev $near_if
        \(ip) address add $near6/64 dev $near_if nodad
        far \(ip) link set lo up
        far \(ip) link set $far_if up
        far \(ip) address add $far/24 broadcast $broadcast dev $far_if
        far \(ip) address add $far6/64 dev $far_if nodad

        """
    }
  }

  private static let loopback = """
    far() { "$@"; }
    near_if=lo far_if=lo near=127.0.0.1 far=127.0.0.1 near6=::1 far6=::1 broadcast=127.255.255.255

    """
}
