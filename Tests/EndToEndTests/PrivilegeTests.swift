// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// What a server gives up once its sockets are open.
@Suite(.takingTurns)
struct PrivilegeTests {
  /// Functions for servers that root starts, or another user in a namespace where that user is root.
  private static let prelude = """
    directory = arguments[0]
    os.chmod(directory, 0o755)
    as_root = [] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--map-auto", "--mount", "--"]
    def made(name):
        os.mkdir(f"{directory}/{name}")
        os.chmod(f"{directory}/{name}", 0o777)
        return f"{directory}/{name}"
    def started(*words, before=(), program="sockkit", shows="listening on "):
        "A server, and what it has written until it listens."
        server = subprocess.Popen([*as_root, *before, program, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE)
        errors = b""
        while shows.encode() not in errors or not errors.endswith(b"\\n"):
            part = os.read(server.stderr.fileno(), 1 << 12)
            if not part:
                break
            errors += part
        return server, errors.decode()
    def port(errors):
        return int(errors.split("listening on 127.0.0.1:")[1].split()[0])
    def tasks(server):
        "What the kernel says of the user of each thread."
        kept = "Uid:", "Gid:", "Groups:", "CapInh:", "CapPrm:", "CapEff:", "CapAmb:", "NoNewPrivs:"
        place = f"/proc/{server.pid}/task"
        return {tuple(" ".join(line.split()) for line in open(f"{place}/{task}/status") if line.startswith(kept))
                for task in os.listdir(place)}
    def stopped(server):
        server.terminate()
        return server.wait(20)

    """

  @Test(arguments: [
    "echo-server --model event --workers 2", "echo-server --model thread", "echo-server --model fork",
    "echo-server --udp", "calc-server", "listen -k --broker", "udp-recv", "http-server", "proxy",
    "forward 127.0.0.1:0 127.0.0.1:9",
  ])
  func `a server runs as the user, in all threads, and without privileges`(command: String) async throws {
    let directory = try TemporaryDirectory()
    let result = try await python(
      Self.prelude + """
        command, *words = arguments[1].split()
        server, errors = started(command, "-v", "--user", "65534:65533", *(words if command == "forward" else words + ["127.0.0.1:0"]))
        # A connection starts the thread of a client.
        client = connected(port(errors)) if "udp" not in arguments[1] and command != "forward" else None
        if client and command == "echo-server":
            client.sendall(b"x")
            assert exactly(client, 1) == b"x"
        assert "running as 65534:65533" in errors, errors
        user, group = ("65534 " * 4).strip(), ("65533 " * 4).strip()
        none = "0" * 16
        expected = {(f"Uid: {user}", f"Gid: {group}", "Groups: 65533", f"CapInh: {none}", f"CapPrm: {none}",
                     f"CapEff: {none}", f"CapAmb: {none}", "NoNewPrivs: 1")}
        if os.geteuid() == 0:
            assert tasks(server) == expected, tasks(server)
        print("status", stopped(server))
        """, directory.path, command)
    #expect(result.ending == .exit(0) && result.text.hasPrefix("status "), "\(result)")
  }

  @Test func `the user has its groups, and JSON names it`() async throws {
    let directory = try TemporaryDirectory()
    let result = try await python(
      Self.prelude + """
        server, errors = started("echo-server", "-v", "--log-format", "json", "--user", "nobody", "127.0.0.1:0", shows='"listening"')
        records = [json.loads(line) for line in errors.splitlines()]
        assert [record["user"] for record in records if record["event"] == "userChanged"] == ["nobody"], errors
        stopped(server)
        """, directory.path)
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test func `a web server serves a directory below its new root`() async throws {
    let directory = try TemporaryDirectory()
    let result = try await python(
      Self.prelude + """
        root = made("jail")
        made("jail/www")
        open(f"{root}/www/file", "w").write("inside")
        # An absolute link is followed in the new root.
        os.symlink("/www", f"{root}/link")
        for path in "/www", "www", "/link", "/../../www":
            server, errors = started("http-server", "-v", "--user", "nobody", "--chroot", root, "--root", path, "127.0.0.1:0")
            client = connected(port(errors))
            client.sendall(b"GET /file HTTP/1.0\\r\\n\\r\\n")
            assert received(client).endswith(b"inside"), path
            if os.geteuid() == 0:
                assert os.readlink(f"/proc/{server.pid}/root") == root
                assert os.readlink(f"/proc/{server.pid}/cwd") == root
            stopped(server)
        """, directory.path)
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test func `received files are written below the new root, by the new user`() async throws {
    let directory = try TemporaryDirectory()
    let result = try await python(
      Self.prelude + """
        root = made("jail")
        out = made("jail/out")
        server, errors = started("listen", "-k", "-v", "--user", "nobody", "--chroot", root, "--output-dir", "/out", "127.0.0.1:0")
        client = connected(port(errors))
        client.sendall(b"kept")
        client.shutdown(socket.SHUT_WR)
        assert received(client) == b""
        # The end of the server's empty input says nothing about the file.
        while b"closed 127.0.0.1" not in (line := server.stderr.readline()):
            assert line
        name, = os.listdir(out)
        assert open(f"{out}/{name}").read() == "kept"
        if os.geteuid() == 0:
            assert os.stat(f"{out}/{name}").st_uid == 65534
        stopped(server)
        """, directory.path)
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test func `a command runs as the user, and gets new privileges unless that is forbidden`() async throws {
    let directory = try TemporaryDirectory()
    let result = try await python(
      Self.prelude + """
        line = "id -u; grep NoNewPrivs /proc/self/status"
        for options, expected in ([], b"65534\\nNoNewPrivs:\\t0\\n"), (["--no-new-privs"], b"65534\\nNoNewPrivs:\\t1\\n"):
            server, errors = started("listen", "-v", "--user", "nobody", *options, "127.0.0.1:0", "--sh-exec", line)
            assert received(connected(port(errors))) == expected
            server.wait(20)
        listener = socket.create_server(("127.0.0.1", 0))
        client, _ = started("connect", "--no-new-privs", "127.0.0.1", str(listener.getsockname()[1]), "--sh-exec", line, shows="-")
        assert b"NoNewPrivs:\\t1" in received(listener.accept()[0])
        """, directory.path)
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test func `without --user a process that is not root gives up its capabilities`() async throws {
    let directory = try TemporaryDirectory()
    let result = try await python(
      Self.prelude + """
        # The program may be in a directory that this user cannot enter.
        import shutil
        program = os.open(shutil.which("sockkit"), os.O_RDONLY)
        before = ["setpriv", "--reuid", "1", "--regid", "1", "--clear-groups", "--inh-caps", "+net_bind_service,+net_admin",
                  "--ambient-caps", "+net_bind_service,+net_admin"]
        def held(*words):
            script = f"exec 9< $0; exec \\"$@\\""
            server, errors = started(*words, before=["sh", "-c", script, shutil.which("sockkit"), *before],
                                     program="/proc/self/fd/9")
            found = {line.split()[1] for group in tasks(server) for line in group if line.startswith(("CapEff", "CapPrm", "CapAmb"))}
            stopped(server)
            return found
        none = "0" * 16
        assert held("echo-server", "-v", "127.0.0.1:0") == {none}
        # Each connection to the target needs it.
        assert held("forward", "-v", "--mark", "7", "127.0.0.1:0", "127.0.0.1:9") == {"0000000000001000", none}
        """, directory.path)
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test func `a file that SIGHUP cannot read again is reported at the start`() async throws {
    let directory = try TemporaryDirectory()
    let result = try await python(
      Self.prelude + """
        path = f"{directory}/allowed"
        open(path, "w").write("127.0.0.1\\n")
        os.chmod(path, 0o600)
        server, errors = started("echo-server", "-v", "--user", "nobody", "--allow-file", path, "127.0.0.1:0")
        assert f"sockkit: read {path}: Permission denied: SIGHUP will not reload it\\n" in errors, errors
        client = connected(port(errors))
        client.sendall(b"x")
        assert exactly(client, 1) == b"x"
        stopped(server)
        """, directory.path)
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test func `the file of a Unix socket has the mode and the owner that are asked for`() async throws {
    let directory = try TemporaryDirectory()
    let result = try await python(
      Self.prelude + """
        import stat
        path = f"{directory}/socket"
        for command in "echo-server", "udp-recv", "listen":
            for umask in 0o22, 0o77, 0:
                os.umask(umask)
                server, errors = started(
                    command, "-v", "--socket-mode", "0620", "--socket-owner", "nobody:1", f"unix:{path}")
                status = os.stat(path)
                assert stat.S_IMODE(status.st_mode) == 0o620, oct(status.st_mode)
                if os.geteuid() == 0:
                    assert (status.st_uid, status.st_gid) == (65534, 1), status
                stopped(server)
        """, directory.path)
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test func `who may not change the user or the root gets status 77`() async throws {
    for (options, error) in [
      ("--user nobody", "set user nobody: Operation not permitted"),
      ("--chroot /", "set root directory /: Operation not permitted"),
    ] {
      let script = """
        [ $(id -u) != 0 ] || drop="setpriv --bounding-set -all --inh-caps -all"
        exec $drop sockkit echo-server \(options) 127.0.0.1:0
        """
      #expect(try await shell(script) == Finished(.exit(77), errors: "sockkit: \(error)\n"))
    }
  }

  @Test func `a name that the system does not know, and a missing directory, are refused`() async throws {
    let unknown = "invalid value 'nosuch' for --user: there is no user 'nosuch'"
    #expect(
      try await sockkit("echo-server", "--user", "nosuch", "0") == .usage(unknown, of: "echo-server"))
    #expect(
      try await sockkit("udp-recv", "--user", "nobody:nosuch", "0")
        == .usage(
          "invalid value 'nobody:nosuch' for --user: there is no group 'nosuch'", of: "udp-recv"))
    #expect(
      try await sockkit("listen", "--user", "4000000", "0")
        == .usage(
          "invalid value '4000000' for --user: user 4000000 is not in the list of users: give its group too, '4000000:GROUP'",
          of: "listen"))
    #expect(
      try await sockkit("http-server", "--socket-mode", "0888", "unix:x")
        == .usage(
          "invalid value '0888' for --socket-mode: expected permissions in octal, from 0 to 0777",
          of: "http-server"))
    #expect(
      try await sockkit("echo-server", "--socket-mode", "0600", "127.0.0.1:0")
        == .usage("--socket-mode: a port has no file", of: "echo-server"))
    #expect(
      try await sockkit("echo-server", "--socket-owner", "nobody", "unix:@x")
        == .usage("--socket-owner: an abstract socket has no file", of: "echo-server"))
    #expect(
      try await sockkit("listen", "--no-new-privs", "0")
        == .usage("--no-new-privs requires a command", of: "listen"))
    #expect(
      try await sockkit("echo-server", "--chroot", "/nonexistent", "127.0.0.1:0")
        == Finished(.exit(66), errors: "sockkit: read /nonexistent: No such file or directory\n"))
    #expect(
      try await sockkit("forward", "--mark", "1", "--user", "nobody", "127.0.0.1:0", "127.0.0.1:9").ending
        == .exit(64))
  }
}
