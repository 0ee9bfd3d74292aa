// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

/// What a process may no longer do, from inside it: calls are injected by ptrace(2), as a debugger does.
@Suite(.takingTurns)
struct SandboxTests {
  #if arch(x86_64)
    /// Whether this architecture's registers are known.
    private static let canInject = true
  #else
    private static let canInject = false
  #endif

  /// Functions for programs that are told to make calls.
  private static let prelude = """
    import atexit, contextlib, ctypes, errno
    library = ctypes.CDLL(None, use_errno=True)
    library.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    library.ptrace.restype = ctypes.c_long
    PEEK, POKE, STEP, GET, SET, ATTACH, DETACH = 2, 5, 9, 12, 13, 16, 17
    NAMES = ("r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base "
             "ds es fs gs").split()
    class Registers(ctypes.Structure):
        _fields_ = [(name, ctypes.c_ulong) for name in NAMES]
    def ptrace(request, process, place=0, data=0):
        if library.ptrace(request, process, place, data) == -1:
            raise OSError(ctypes.get_errno(), f"ptrace {request}")
    class Killed(Exception):
        pass
    def result(process, number, *arguments):
        "The result of a call that a process makes, or its errno as a negative number."
        before, registers = Registers(), Registers()
        end = time.monotonic() + 20
        while True:
            ptrace(ATTACH, process)
            os.waitpid(process, 0x40000000)
            for state in before, registers:
                ptrace(GET, process, 0, ctypes.addressof(state))
            # It has to wait in a call, whose instruction is used again.
            if ctypes.c_long(before.orig_rax).value >= 0:
                break
            ptrace(DETACH, process)
            assert time.monotonic() < end
        place, values = registers.rsp - 4096, []
        for argument in arguments:
            if isinstance(argument, bytes):
                padded = argument + bytes(8 - len(argument) % 8)
                for offset in range(0, len(padded), 8):
                    ptrace(POKE, process, place + offset, int.from_bytes(padded[offset:offset + 8], "little"))
                argument, place = place, place + len(padded)
            values.append(argument)
        # The instruction before the one at which a waiting process is stopped is that of the system call.
        registers.rip, registers.rax, registers.orig_rax = before.rip - 2, number, 2 ** 64 - 1
        for name, value in zip("rdi rsi rdx r10 r8 r9".split(), values):
            setattr(registers, name, value)
        ptrace(SET, process, 0, ctypes.addressof(registers))
        ptrace(STEP, process)
        _, status = os.waitpid(process, 0x40000000)
        if os.WIFSIGNALED(status):
            raise Killed(os.WTERMSIG(status))
        ptrace(GET, process, 0, ctypes.addressof(registers))
        ptrace(SET, process, 0, ctypes.addressof(before))
        ptrace(DETACH, process)
        return ctypes.c_long(registers.rax).value
    def call(process, number, *arguments):
        "The errno of a call that a process makes, 0 for success, or the signal that kills it, as a negative number."
        try:
            return max(0, -result(process, number, *arguments))
        except Killed as killed:
            return -killed.args[0]
    OPENAT, SOCKET, CONNECT, BIND, EXECVE, KILL, PTRACE, UNSHARE, IO_URING = 257, 41, 42, 49, 59, 62, 101, 272, 425
    def address(port):
        return socket.AF_INET.to_bytes(2, "little") + port.to_bytes(2, "big") + bytes([127, 0, 0, 1]) + bytes(8)
    def opened(process, path):
        return call(process, OPENAT, 2 ** 64 - 100, path.encode() + b"\\0", 0, 0)
    @contextlib.contextmanager
    def running(*words, shows):
        "A program that has written a text to standard error, and what it has written."
        program = subprocess.Popen(["sockkit", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        errors = b""
        while shows.encode() not in errors or not errors.endswith(b"\\n"):
            part = os.read(program.stderr.fileno(), 1 << 12)
            assert part, errors
            errors += part
        try:
            yield program, errors.decode()
        finally:
            program.kill()
            program.communicate(timeout=20)
    def states(process):
        keys = "NoNewPrivs:", "Seccomp:"
        place = f"/proc/{process}/task"
        return {tuple(line.split()[1] for line in open(f"{place}/{task}/status") if line.startswith(keys))
                for task in os.listdir(place)}
    stranger = subprocess.Popen(["sleep", "60"])
    atexit.register(stranger.kill)
    COMMON = {"ptrace": (PTRACE, 16, stranger.pid, 0, 0), "unshare": (UNSHARE, 0x10000000), "io_uring": (IO_URING, 1, 0)}

    """

  @Test(
    .enabled(if: canInject),
    arguments: [
      "listen -v 127.0.0.1:0", "listen -v -k --broker 127.0.0.1:0", "listen -v 127.0.0.1:0 -- cat",
      "listen -v -k 127.0.0.1:0 -- cat", "echo-server -v --model event 127.0.0.1:0",
      "echo-server -v --model thread 127.0.0.1:0", "echo-server -v --model fork 127.0.0.1:0",
      "echo-server -v --udp 127.0.0.1:0", "calc-server -v 127.0.0.1:0", "http-server -v 127.0.0.1:0 --text x",
      "udp-recv -v 127.0.0.1:0",
    ])
  func `a server that listens can open no file, reach no other process, and run no program`(line: String)
    async throws
  {
    let result = try await python(
      Self.prelude + """
        with running(*arguments[0].split(), shows="sandbox: ") as (server, errors):
            assert "without" not in errors, errors
            assert states(server.pid) == {("1", "2")}, states(server.pid)
            for name, words in COMMON.items():
                assert call(server.pid, *words) == errno.EPERM, name
            assert opened(server.pid, "/etc/passwd") == errno.EACCES
            assert opened(server.pid, "/dev/null") == 0
            for family in socket.AF_INET, socket.AF_UNIX, socket.AF_PACKET:
                assert call(server.pid, SOCKET, family, 1, 0) == errno.EPERM, family
            assert call(server.pid, BIND, 3, address(0), 16) == errno.EPERM
            assert call(server.pid, CONNECT, 3, address(9), 16) == errno.EPERM
            assert call(server.pid, KILL, stranger.pid, 0) == errno.EPERM
            assert call(server.pid, EXECVE, b"/bin/true\\0", 0, 0) == -signal.SIGSYS
        """, line)
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test(
    .enabled(if: canInject),
    arguments: [
      "calc-server -v 127.0.0.1:0", "calc-server -v --trace 127.0.0.1:0",
      "http-server -v --model fork 127.0.0.1:0 --text x", "echo-server -v --model fork 127.0.0.1:0",
    ])
  func `a process that serves one client has the calls for this alone, and its end is reported`(line: String)
    async throws
  {
    let result = try await python(
      Self.prelude + PythonCalculator.text + """

        CALLS = {"open": (OPENAT, 2 ** 64 - 100, b"/dev/null\\0", 0, 0), "socket": (SOCKET, socket.AF_INET, 1, 0),
                 "exec": (EXECVE, b"/bin/true\\0", 0, 0), "fork": (57,), "kill": (KILL, os.getpid(), 0), **COMMON}
        # What each server answers: 1 + 2, a request, or anything.
        question = {"calc-server": bytes([1]) + encoded(1) + encoded(2), "http-server": b"GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n",
                    "echo-server": b"x"}[arguments[0].split()[0]]
        def worker(server, client):
            "The process that serves the only connection, once it has answered a question."
            client.sendall(question)
            assert client.recv(1 << 16)
            return int(open(f"/proc/{server}/task/{server}/children").read())
        with running(*arguments[0].split(), shows="sandbox: ") as (server, errors):
            port = int(errors.split("listening on 127.0.0.1:")[1].split()[0])
            for name, words in CALLS.items():
                with connected(port) as client:
                    process = worker(server.pid, client)
                    assert call(process, CONNECT, 0, address(9), 16) == errno.EPERM
                    assert call(process, *words) == -signal.SIGSYS, name
                    with contextlib.suppress(ConnectionResetError):
                        raise AssertionError(name, client.recv(1))
                while b"ended with signal 31" not in (text := server.stderr.readline()):
                    assert text, name
        """, line)
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test(.enabled(if: canInject))
  func `a process that serves one client of a web server opens the files below its root alone`() async throws
  {
    let directory = try TemporaryDirectory()
    _ = try directory.write("inside", to: "file")
    let result = try await python(
      Self.prelude + """
        import http.client
        with running("http-server", "-v", "--model", "fork", "127.0.0.1:0", "--root", arguments[0], shows="sandbox: ") as (
                server, errors):
            client = http.client.HTTPConnection("127.0.0.1", int(errors.split("listening on 127.0.0.1:")[1].split()[0]))
            client.request("GET", "/file")
            assert client.getresponse().read() == b"inside"
            process = int(open(f"/proc/{server.pid}/task/{server.pid}/children").read())
            assert opened(process, "/etc/passwd") == errno.EACCES
            assert opened(process, arguments[0] + "/file") == 0
            assert call(process, EXECVE, b"/bin/true\\0", 0, 0) == -signal.SIGSYS
        """, directory.path)
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test(.enabled(if: canInject))
  func `a client that is connected can open no file, reach no other process, and run no program`()
    async throws
  {
    let result = try await python(
      Self.prelude + """
        peer = socket.create_server(("127.0.0.1", 0))
        with running("connect", "-v", "127.0.0.1", str(peer.getsockname()[1]), shows="sandbox: ") as (client, errors):
            connection = peer.accept()[0]
            assert states(client.pid) == {("1", "2")}, states(client.pid)
            for name, words in COMMON.items():
                assert call(client.pid, *words) == errno.EPERM, name
            assert opened(client.pid, "/etc/passwd") == errno.EACCES
            assert call(client.pid, SOCKET, socket.AF_INET, 1, 0) == errno.EPERM
            assert call(client.pid, KILL, stranger.pid, 0) == errno.EPERM
            # It works on.
            client.stdin.write(b"hello")
            client.stdin.flush()
            assert exactly(connection, 5) == b"hello"
            assert call(client.pid, EXECVE, b"/bin/true\\0", 0, 0) == -signal.SIGSYS
        """)
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test(.enabled(if: canInject))
  func `a client that is not connected reads the system's files, and reaches its target alone`() async throws
  {
    let directory = try TemporaryDirectory()
    let secret = try directory.write("secret", to: "secret")
    let result = try await python(
      Self.prelude + """
        closed = socket.socket()
        closed.bind(("127.0.0.1", 0))
        other = socket.create_server(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        words = "connect", "-z", "-v", "--retry", "1m", "127.0.0.1", str(port)
        with running(*words, shows="sandbox: ") as (client, errors):
            for name, words in COMMON.items():
                assert call(client.pid, *words) == errno.EPERM, name
            assert opened(client.pid, arguments[0]) == errno.EACCES
            assert opened(client.pid, "/etc/passwd") == 0
            assert call(client.pid, SOCKET, socket.AF_PACKET, 3, 0) == errno.EPERM
            number = result(client.pid, SOCKET, socket.AF_INET, 1, 0)
            assert number > 0, number
            assert call(client.pid, CONNECT, number, address(other.getsockname()[1]), 16) == errno.EACCES
            assert call(client.pid, CONNECT, number, address(port), 16) == errno.ECONNREFUSED
            assert call(client.pid, KILL, stranger.pid, 0) == errno.EPERM
            assert call(client.pid, EXECVE, b"/bin/true\\0", 0, 0) == -signal.SIGSYS
        """, secret)
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test(.enabled(if: canInject))
  func `a process reaches no other by its limits, descriptors, terminals or sockets`() async throws {
    let result = try await python(
      Self.prelude + """
        SENDTO, FCNTL, IOCTL, SOCKETPAIR, PRLIMIT, FCHMODAT, SETPRIORITY, SHMGET = 44, 72, 16, 53, 302, 268, 141, 29
        def refused(process, name, *words):
            assert call(process, *words) == errno.EPERM, name
        with running("listen", "-v", "-k", "127.0.0.1:0", shows="sandbox: ") as (server, errors):
            refused(server.pid, "prlimit", PRLIMIT, stranger.pid, 0, 0, 0)
            refused(server.pid, "TIOCSTI", IOCTL, 0, 0x5412, b"x")
            refused(server.pid, "F_SETOWN", FCNTL, 2, 8, stranger.pid)
            refused(server.pid, "datagrams", SOCKETPAIR, socket.AF_UNIX, socket.SOCK_DGRAM, 0, bytes(8))
            refused(server.pid, "Fast Open", SENDTO, 3, b"x", 1, 0x20000000, address(9), 16)
            refused(server.pid, "chmod", FCHMODAT, 2 ** 64 - 100, b"/etc/passwd\\0", 0o777)
            refused(server.pid, "setpriority", SETPRIORITY, 0, stranger.pid, 5)
            refused(server.pid, "shmget", SHMGET, 1, 1, 0)
        with socket.create_server(("127.0.0.1", 0)) as target:
            words = "forward", "-v", "127.0.0.1:0", f"127.0.0.1:{target.getsockname()[1]}"
            with running(*words, shows="sandbox: ") as (server, _):
                assert call(server.pid, SOCKET, socket.AF_INET, 1, 0) == 0
                refused(server.pid, "Multipath TCP", SOCKET, socket.AF_INET, 1, 262)
                refused(server.pid, "packets", SOCKET, socket.AF_INET, 3, 255)
                refused(server.pid, "other tables of the kernel", SOCKET, socket.AF_NETLINK, 3, 9)
        """)
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test(.enabled(if: canInject), arguments: ["listen -v -x dump", "listen -v -k -x record"])
  func `a file of a record leaves no right to its directory`(line: String) async throws {
    let directory = try TemporaryDirectory()
    _ = try directory.write("secret", to: "other")
    let result = try await python(
      Self.prelude + """
        os.chdir(arguments[1])
        with running(*arguments[0].split(), "127.0.0.1:0", shows="sandbox: ") as (server, errors):
            assert opened(server.pid, arguments[1] + "/other") == errno.EACCES
            port = int(errors.split("listening on 127.0.0.1:")[1].split()[0])
            with connected(port) as client:
                client.sendall(b"kept")
                client.shutdown(socket.SHUT_WR)
                assert server.stdout.read(4) == b"kept"
            assert os.path.exists(arguments[0].split()[-1])
        """, line, directory.path)
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test(.enabled(if: canInject), arguments: ["connect -v localhost", "connect -v -w 20s localhost"])
  func `all threads of a client have lost their rights, also those of look-ups`(line: String) async throws {
    let result = try await python(
      Self.prelude + """
        with socket.create_server(("127.0.0.1", 0)) as target:
            words = *arguments[0].split(), str(target.getsockname()[1])
            with running(*words, shows="sandbox: ") as (client, _):
                for task in os.listdir(f"/proc/{client.pid}/task"):
                    assert opened(int(task), "/etc/passwd") == errno.EACCES, task
        """, line)
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test(.enabled(if: canInject))
  func `a forwarder reaches the port of its target and no other`() async throws {
    let result = try await python(
      Self.prelude + """
        target = socket.create_server(("127.0.0.1", 0))
        other = socket.create_server(("127.0.0.1", 0))
        port = target.getsockname()[1]
        with running("forward", "-v", "127.0.0.1:0", f"127.0.0.1:{port}", shows="sandbox: ") as (server, errors):
            assert opened(server.pid, "/etc/passwd") == errno.EACCES
            number = result(server.pid, SOCKET, socket.AF_INET, 1, 0)
            assert number > 0, number
            assert call(server.pid, CONNECT, number, address(other.getsockname()[1]), 16) == errno.EACCES
            assert call(server.pid, CONNECT, number, address(port), 16) == 0
            assert call(server.pid, EXECVE, b"/bin/true\\0", 0, 0) == -signal.SIGSYS
        """)
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test(arguments: [[], ["-k"], ["--stats"], ["-k", "--stats"]])
  func `a command is not restricted, and its end is that of before`(flags: [String]) async throws {
    let server = RunningProgram(
      .sockkit(
        ["listen", "-v"] + flags + [
          "127.0.0.1:0", "--sh-exec", "grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status; exit 3",
        ]),
      input: .file("/dev/null"))
    let client = try await sockkit(
      "connect", "--recv-only", "127.0.0.1", "\(try await server.announcedPort())")
    #expect(client == Finished(.exit(0), output: "NoNewPrivs:\t0\nSeccomp:\t0\n"))
    if flags.contains("-k") { server.signal(SIGTERM) }
    let end = try await server.finished()
    #expect(end.ending == .exit(flags.contains("-k") ? 0 : 3), "\(end)")
    #expect(end.errors.contains(" ended with status 3 in "), "\(end)")
    #expect(end.sandbox.contains("seccomp (system calls)"), "\(end.sandbox)")
  }

  @Test(arguments: [["--no-sandbox"], ["--sandbox", "off"]])
  func `without a sandbox nothing is taken away`(flags: [String]) async throws {
    let result = try await python(
      Self.prelude + """
        with running("echo-server", "-v", *arguments[0].split(), "127.0.0.1:0", shows="listening on ") as (server, errors):
            assert "sandbox" not in errors, errors
            assert {state[1] for state in states(server.pid)} == {"0"}, states(server.pid)
        """, flags.joined(separator: " "))
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test(arguments: [
    ("landlock_create_ruleset:error=ENOSYS", "without Landlock: Function not implemented"),
    ("seccomp:error=EINVAL", "without seccomp: Invalid argument"),
  ])
  func `what a kernel lacks is told, and is a failure where it is required`(
    fault: String, lack: String
  ) async throws {
    for flags in [["-v"], ["-v", "--sandbox=require"]] {
      let program = RunningProgram(
        try .other(
          "strace", package: "strace",
          ["-qq", "-o", "/dev/null", "-e", "inject=\(fault)", "sockkit", "buffers", "--unix"] + flags),
        input: .file("/dev/null"))
      let end = try await program.finished()
      if flags.count == 1 {
        #expect(end.ending == .exit(0), "\(end)")
        #expect(end.sandbox.contains(lack), "\(end.sandbox)")
      } else {
        #expect(end.ending == .exit(71), "\(end)")
        #expect(end.errors.contains("sockkit: --sandbox=require: "), "\(end)")
      }
    }
  }

  @Test func `a user without privileges has all of it`() async throws {
    // Root without the capability that Landlock accepts instead of no_new_privs is like any other user here.
    let result = try await python(
      """
      before = ["setpriv", "--bounding-set=-sys_admin"] if os.geteuid() == 0 else []
      end = subprocess.run([*before, "sockkit", "buffers", "--unix", "-v", "--sandbox=require"], stderr=subprocess.PIPE,
                           stdout=subprocess.DEVNULL, timeout=30)
      assert end.returncode == 0 and b"sandbox: Landlock " in end.stderr and b"without" not in end.stderr, end
      """)
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test func `without Landlock a server still has both filters`() async throws {
    let result = try await python(
      Self.prelude + """
        strace = subprocess.Popen(
            ["strace", "-qq", "-o", "/dev/null", "-e", "inject=landlock_create_ruleset:error=ENOSYS", "sockkit",
             "echo-server", "-v", "127.0.0.1:0"], stderr=subprocess.PIPE)
        assert b"listening on" in strace.stderr.readline() and b"without Landlock" in strace.stderr.readline()
        (server,) = map(int, open(f"/proc/{strace.pid}/task/{strace.pid}/children").read().split())
        fields = dict(line.split(":", 1) for line in open(f"/proc/{server}/status"))
        os.kill(server, signal.SIGTERM)
        assert strace.wait(20) == 0
        assert fields["Seccomp_filters"].strip() == "2", fields
        """)
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test func `requiring and leaving out exclude each other`() async throws {
    let end = try await sockkit("connect", "--no-sandbox", "--sandbox=require", "127.0.0.1", "9")
    #expect(end.ending == .exit(64), "\(end)")
    #expect(end.errors.contains("--no-sandbox and --sandbox=require exclude each other"), "\(end)")
  }
}
