// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// The processes that look names up, with a name server that receives queries and never answers.
@Suite(.takingTurns, .onPrivateNetworks)
struct ResolveWorkerTests {
  private static let hosts = "192.0.2.50 printer.example printer"
  private static let network = PrivateNetwork(.none, hosts: hosts)

  /// Functions for scripts that examine the workers. Every orphan becomes a child of the script, which is also the name
  /// server and so sees the queries.
  private static let prelude = """
    import ctypes
    assert ctypes.CDLL(None).prctl(36, 1, 0, 0, 0) == 0
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))

    def start(*words, **options):
        return subprocess.Popen(
            ["sockkit", "resolve", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)

    def children(program):
        "The numbers of a program's children."
        found = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                parent = open(f"/proc/{name}/stat").read().rsplit(") ", 1)[1].split()[1]
            except OSError:
                continue
            if int(parent) == program.pid:
                found.append(int(name))
        return found

    def await_end(process):
        assert select.select([os.pidfd_open(process)], [], [], 15)[0]

    def workers(program, count):
        "The workers, in the order they were made, once so many names have been asked for."
        server.settimeout(15)
        asked = set()
        while len(asked) < count:
            asked.add(server.recv(512)[12:])
        found = sorted(children(program))
        assert len(found) == count, found
        return found

    def orphans():
        "How those ended whom the program left behind."
        endings = []
        while True:
            try:
                endings.append(os.waitpid(-1, 0)[1])
            except ChildProcessError:
                return endings


    """

  @Test func `a name without an answer is status 75 in time, and what is known is printed`() async throws {
    let result = try await Self.network.python(
      Self.prelude + """
        begin = time.monotonic()
        program = start("--timeout", "1.5", "slow.example", "printer", "other.example")
        output, errors = program.communicate()
        lasted = time.monotonic() - begin
        say(program.returncode, 1.5 <= lasted < 6 or lasted, orphans())
        say(output + errors)
        """)
    #expect(
      result
        == Finished(
          .exit(0),
          output: """
            75 True []
            name: printer.example
            alias: printer
            address: 192.0.2.50
            sockkit: look up slow.example: the resolver did not answer in time
            sockkit: look up other.example: the resolver did not answer in time


            """))
  }

  @Test func `one job after another has its own time`() async throws {
    let result = try await PrivateNetwork(.silent, hosts: Self.hosts).shell(
      "sockkit resolve -4 --jobs 1 --timeout 300ms --json a.example printer b.example")
    #expect(result.ending == .exit(75), "\(result)")
    let records = try ResolveTests.records(result)
    #expect(records.map { $0.error?.code } == ["TIMED_OUT", nil, "TIMED_OUT"])
    #expect(records.allSatisfy { $0.milliseconds >= 300 || $0.error == nil }, "\(result)")
  }

  @Test func `a worker that is killed costs its own name alone`() async throws {
    let result = try await Self.network.python(
      Self.prelude + """
        program = start("-4", "--timeout", "30", "a.example", "b.example", stdin=subprocess.DEVNULL)
        first, second = workers(program, 2)
        os.kill(first, signal.SIGKILL)
        os.kill(second, signal.SIGTERM)
        output, errors = program.communicate()
        say(program.returncode, repr(output), orphans())
        say(errors)
        """)
    #expect(
      result
        == Finished(
          .exit(0),
          output: """
            71 '' []
            sockkit: look up a.example: the worker process ended unexpectedly (signal 9)
            sockkit: look up b.example: the worker process ended unexpectedly (signal 15)


            """))
  }

  @Test func `a name after one that cost its worker is looked up by another`() async throws {
    let result = try await Self.network.python(
      Self.prelude + """
        program = start("-4", "--jobs", "1", "--short", "a.example", "printer")
        os.kill(workers(program, 1)[0], signal.SIGKILL)
        output, errors = program.communicate()
        say(program.returncode, repr(output), orphans())
        """)
    #expect(result == Finished(.exit(0), output: "71 '192.0.2.50\\n' []\n"))
  }

  @Test func `a worker that ends while it has nothing to do costs nothing`() async throws {
    let result = try await Self.network.python(
      Self.prelude + """
        program = start("-4", "--jobs", "1", "--short", stdin=subprocess.PIPE)
        program.stdin.write("printer\\n")
        program.stdin.flush()
        say(program.stdout.readline().strip())
        (worker,) = children(program)
        os.kill(worker, signal.SIGKILL)
        await_end(worker)
        output, errors = program.communicate("printer\\n")
        say(program.returncode, repr(output + errors), orphans())
        """)
    #expect(result == Finished(.exit(0), output: "192.0.2.50\n0 '192.0.2.50\\n' []\n"))
  }

  @Test func `workers end with their parent, even one that is killed`() async throws {
    let result = try await Self.network.python(
      Self.prelude + """
        program = start("-4", "a.example", "b.example", "c.example")
        workers(program, 3)
        program.kill()
        program.wait()
        say(orphans())
        """)
    #expect(result == Finished(.exit(0), output: "[9, 9, 9]\n"))
  }

  @Test func `a worker has its own socket, standard error and nothing else of its parent`() async throws {
    let result = try await Self.network.python(
      Self.prelude + """
        leak = os.open("/etc/hosts", os.O_RDONLY)
        os.set_inheritable(leak, True)
        program = start("-4", "a.example", "b.example", close_fds=False)
        errors = os.readlink(f"/proc/{program.pid}/fd/2")
        for one in workers(program, 2):
            files = [os.readlink(f"/proc/{one}/fd/{number}") for number in range(4)]
            say(files[0][:7], files[1], files[2] == errors, files[3][:7])
        program.kill()
        """)
    #expect(
      result
        == Finished(
          .exit(0), output: "socket: /dev/null True socket:\nsocket: /dev/null True socket:\n"))
  }

  @Test func `where descriptors are scarce, fewer workers do the work`() async throws {
    // The three standard streams, and a pair of sockets to create a worker with.
    let result = try await shell("ulimit -n 5; sockkit resolve -4 --short localhost localhost localhost")
    #expect(result == Finished(.exit(0), output: "127.0.0.1\n127.0.0.1\n127.0.0.1\n"))
    #expect(
      try await shell("ulimit -n 4; sockkit resolve -4 --short localhost")
        == Finished(.exit(71), errors: "sockkit: create a worker process: Too many open files\n"))
  }
}
