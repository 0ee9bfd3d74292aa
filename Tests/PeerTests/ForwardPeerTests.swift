// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

/// Services that are commonly used behind a forwarded port.
@Suite(.takingTurns)
struct ForwardPeerTests {
  @Test(arguments: Peer.allCases, Peer.allCases)
  func `a file goes through between any two peers`(client: Peer, server: Peer) async throws {
    let directory = try TemporaryDirectory()
    let file = try await directory.writeRandom(mebibytes: 8, to: "sent")
    let place = Place()
    let receiver = RunningProgram(
      try server.server(at: place), input: .file("/dev/null"), output: .file(directory.file("received")))
    // A connection that tests whether the peer listens would use up its one client.
    let forward = RunningProgram.sockkit("forward", "-v", "127.0.0.1:0", "\(place.host):\(place.port)")
    let port = try await forward.announcedPort()
    try await waitForListener(on: place.port)
    let sender = RunningProgram(try client.client(of: port), input: .file(file))
    #expect(try await sender.finished().ending == .exit(0))
    #expect(try await receiver.finished().ending == .exit(0))
    let digests = try await directory.digests("sent", "received")
    #expect(digests[0] == digests[1])
    forward.signal(15)
    #expect(try await forward.finished().ending == .exit(0))
  }

  @Test func `git clones through it`() async throws {
    let directory = try TemporaryDirectory()
    let place = Place()
    _ = try await directory.writeRandom(mebibytes: 2, to: "content")
    let made = try await shell(
      """
      cd "$1" && export GIT_CONFIG_GLOBAL=/dev/null &&
      git init --quiet original && cp content original && cd original && git add content &&
      git -c user.name=A -c user.email=a@example.org commit --quiet -m content
      """, directory.path)
    #expect(made.ending == .exit(0), "\(made)")
    let daemon = RunningProgram(
      try .other(
        "git", package: "git",
        [
          "-c", "safe.directory=*", "daemon", "--reuseaddr", "--export-all", "--base-path=\(directory.path)",
          "--listen=\(place.host)", "--port=\(place.port)",
        ]))
    try await waitForListener(on: place.port)
    let forward = RunningProgram.sockkit("forward", "-v", "127.0.0.1:0", "\(place.host):\(place.port)")
    let port = try await forward.announcedPort()
    let clone = try await RunningProgram(
      try .other(
        "git", package: "git",
        ["clone", "--quiet", "git://127.0.0.1:\(port)/original", directory.file("clone")]),
      input: .file("/dev/null")
    ).finished()
    #expect(clone.ending == .exit(0), "\(clone)")
    let digests = try await directory.digests("content", "clone/content")
    #expect(digests[0] == digests[1])
    daemon.signal(15)
  }

  @Test func `redis answers through it, over TCP and from a Unix socket, held to a rate`() async throws {
    let directory = try TemporaryDirectory()
    let socket = directory.file("redis")
    // The server is in the package of its tools, under another name; the package of that name would start it as a
    // service.
    let program = try Program.other("redis-check-rdb", package: "redis-tools", [])
    let server = try RunningProgram(
      .other(
        "bash", package: "bash",
        [
          "-c", "exec -a redis-server \"$@\"", "-", program.path, "--port", "0", "--unixsocket", socket,
          "--dir", directory.path, "--save", "",
        ]))
    try await server.outputLine(containing: "ready to accept connections")
    let forward = RunningProgram.sockkit("forward", "-v", "--rate", "1M", "127.0.0.1:0", "unix:\(socket)")
    let port = "\(try await forward.announcedPort())"
    func redis(_ arguments: String...) async throws -> Finished {
      try await RunningProgram(
        try .other("redis-cli", package: "redis-tools", ["-p", port] + arguments), input: .file("/dev/null")
      ).finished()
    }
    #expect(try await redis("set", "key", "value") == Finished(.exit(0), output: "OK\n"))
    #expect(try await redis("get", "key") == Finished(.exit(0), output: "value\n"))
    #expect(try await redis("-r", "200", "incr", "count").text.hasSuffix("\n200\n"))
    let large = try await redis("eval", "return string.rep('x', 700000)", "0")
    #expect(large.output.count == 700_001, "\(large)")
    server.signal(15)
    forward.signal(15)
    #expect(try await forward.finished().ending == .exit(0))
  }

  @Test func `ssh works through it, and through connect as its ProxyCommand`() async throws {
    let directory = try TemporaryDirectory()
    let place = Place()
    let prepared = try await shell(
      """
      cd "$1" && chmod 700 . && ssh-keygen -q -t ed25519 -N '' -f host && ssh-keygen -q -t ed25519 -N '' -f user &&
      cp user.pub authorized
      cat > config <<END
      Port $3
      ListenAddress $2
      HostKey $1/host
      AuthorizedKeysFile $1/authorized
      PidFile none
      StrictModes no
      UsePAM no
      PasswordAuthentication no
      PermitRootLogin prohibit-password
      END
      """, directory.path, place.host, "\(place.port)")
    #expect(prepared.ending == .exit(0), "\(prepared)")
    let server = RunningProgram(try Self.secureShellServer(in: directory))
    try await server.errorLine(containing: "Server listening on ")
    let forward = RunningProgram.sockkit("forward", "-v", "127.0.0.1:0", "\(place.host):\(place.port)")
    let port = "\(try await forward.announcedPort())"
    let common = [
      "-F", "none", "-i", directory.file("user"), "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no",
      "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
    ]
    let file = try await directory.writeRandom(mebibytes: 4, to: "sent")
    let ways = [
      ["-p", port, "127.0.0.1"],
      ["-o", "ProxyCommand=sockkit connect %h %p", "-p", "\(place.port)", place.host],
      ["-o", "ProxyCommand=sockkit connect %h %p", "-p", port, "127.0.0.1"],
    ]
    for way in ways {
      let session = try await RunningProgram(
        try .other("ssh", package: "openssh-client", common + way + ["cat; exit 7"]), input: .file(file),
        output: .file(directory.file("back"))
      ).finished()
      #expect(session.ending == .exit(7), "\(session)")
      let digests = try await directory.digests("sent", "back")
      #expect(digests[0] == digests[1])
    }
    server.signal(15)
  }

  /// An SSH server that needs no installation: as root it requires a user and a directory, which this creates in a
  /// private mount namespace.
  private static func secureShellServer(in directory: TemporaryDirectory) throws -> Program {
    // sshd must be started with its absolute path.
    let program = try Program.other("sshd", package: "openssh-server", [])
    let start = "exec '\(program.path)' -D -e -f '\(directory.file("config"))'"
    guard getuid() == 0 else { return .shell(start) }
    return .shell(
      """
      cp /etc/passwd "$1/passwd" && echo 'sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin' >> "$1/passwd" &&
      exec unshare --mount sh -c "mount -t tmpfs tmpfs /run && mkdir /run/sshd &&
        mount --bind '$1/passwd' /etc/passwd && $2"
      """, [directory.path, start])
  }

  /// Waits until a port is listening, without connecting.
  private func waitForListener(on port: UInt16) async throws {
    let hexadecimal = String(port, radix: 16, uppercase: true)
    let waited = try await shell(
      "until grep -q \":$1 [0-9A-F:]* 0A \" /proc/net/tcp /proc/net/tcp6; do sleep 0.02; done",
      String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal)
    #expect(waited == Finished(.exit(0)))
  }
}
