// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

/// What `sockkit nc` has besides the original: TLS, and the ways of our own engine for what both have.
@Suite(.takingTurns)
struct NetcatTests {
  /// Starts a listener, and returns it with its port.
  private static func listener(_ options: String...) async throws -> (program: RunningProgram, port: String) {
    try await listener(options)
  }

  private static func listener(_ options: [String]) async throws -> (program: RunningProgram, port: String) {
    let program = RunningProgram(
      .sockkit(["nc", "-lvn", "127.0.0.1", "0"] + options), input: .file("/dev/null"))
    let line = try await program.errorLine(containing: "Listening on 127.0.0.1 ")
    return (program, String(try #require(line.split(separator: " ").last)))
  }

  @Test(arguments: ["-T noverify", "--insecure", "-R CA", "-R CA -T noname", "-H PIN"])
  func `bytes are protected, and the server is verified as it is asked for`(options: String) async throws {
    let authority = try await TestAuthority.shared()
    let (server, port) = try await Self.listener(
      "--tls-cert", authority.certificate("good"), "-K", authority.key("good"))
    let pin = try await shell(
      "openssl x509 -in \"$1\" -outform DER | sha256sum | cut -d ' ' -f 1", authority.certificate("good")
    ).text.split(separator: "\n")[0]
    let words = options.split(separator: " ").map {
      $0 == "CA" ? authority.certificate : $0 == "PIN" ? "SHA256:\(pin)" : String($0)
    }
    // The certificate has no name but that of this machine, as which it is not addressed with `noname`.
    let host = options.contains("noname") ? ["--tls-name", "another.example"] : []
    let client = try await sockkit(
      ["nc", "--tls", "-N"] + words + host + ["localhost", port], input: .bytes(Array("secret".utf8)))
    #expect(client == Finished(.exit(0)))
    let end = try await server.finished()
    #expect(end.ending == .exit(0) && end.text == "secret", "\(end)")
  }

  @Test func `a server that cannot be verified is refused with a reason and status 1`() async throws {
    let authority = try await TestAuthority.shared()
    let (server, port) = try await Self.listener(
      "--tls-cert", authority.certificate("good"), "-K", authority.key("good"))
    let client = try await sockkit("nc", "--tls", "localhost", port)
    #expect(client.ending == .exit(1) && client.errors.hasPrefix("nc: TLS with localhost: "), "\(client)")
    #expect(try await server.finished().ending == .exit(1))
  }

  @Test func `a response of the authority is sent with the certificate, and can be required`() async throws {
    let responder = try await TestResponder.shared()
    let authority = responder.authority
    let certificate = ["--tls-cert", authority.certificate("good"), "-K", authority.key("good")]
    let options = ["-N", "-R", authority.certificate, "-T", "muststaple"]
    let (server, port) = try await Self.listener(certificate + ["-o", responder.response("good")])
    let client = try await sockkit(
      ["nc"] + options + ["localhost", port], input: .bytes(Array("secret".utf8)))
    #expect(client == Finished(.exit(0)))
    let received = try await server.finished()
    #expect(received.ending == .exit(0) && received.text == "secret", "\(received)")
    let (other, otherPort) = try await Self.listener(certificate + ["-o", responder.response("expired")])
    let refused = try await sockkit(["nc"] + options + ["localhost", otherPort])
    #expect(
      refused
        == Finished(.exit(1), errors: "nc: TLS with localhost: the server sent no OCSP response\n"))
    let end = try await other.finished()
    let file = responder.response("expired")
    #expect(
      end.ending == .exit(1)
        && end.errors.contains(
          "nc: \(file): the OCSP response is from 2024-01-02, and expired on 2024-01-09: it is not sent\n"),
      "\(end)")
  }

  @Test func `a file that is no response for the certificate is refused`() async throws {
    let responder = try await TestResponder.shared()
    let authority = responder.authority
    let file = responder.response("revoked")
    #expect(
      try await sockkit(
        "nc", "-l", "--tls-cert", authority.certificate("good"), "-K", authority.key("good"), "-o", file,
        "127.0.0.1", "0")
        == Finished(.exit(1), errors: "nc: read \(file): the OCSP response is about another certificate\n"))
  }

  @Test(arguments: [
    (["-l", "-o", "f", "0"], "you must specify --tls-cert to use -o"),
    (["--tls-cert", "f", "-o", "f", "h", "1"], "must use -l with -o"),
    (["-T", "muststaple", "--tls-cert", "f", "-l", "0"], "cannot use -T muststaple and -l"),
    (
      ["-T", "muststaple", "-T", "noverify", "h", "1"],
      "-T muststaple and -T noverify may not be used together"
    ),
    (
      ["-T", "muststaple", "-H", "SHA256:\(String(repeating: "0", count: 64))", "h", "1"],
      "must use -R with -H and -T muststaple"
    ),
    (["-T", "muststaple", "-u", "h", "1"], "no TLS support for UDP mode"),
  ])
  func `a response that could not be sent or verified is a usage error`(
    options: [String], message: String
  ) async throws {
    #expect(try await sockkit(["nc"] + options) == Finished(.exit(1), errors: "nc: \(message)\n"))
  }

  @Test func `the descriptor of a connection is passed on`() async throws {
    let (server, port) = try await Self.listener()
    let result = try await python(
      """
      import array
      mine, its = socket.socketpair()
      program = subprocess.Popen(['sockkit', 'nc', '-F', '127.0.0.1', arguments[0]], stdout=its)
      _, ancillary, _, _ = mine.recvmsg(1, socket.CMSG_SPACE(4))
      descriptor = array.array('i', ancillary[0][2])[0]
      print('status', program.wait(20))
      connection = socket.socket(fileno=descriptor)
      connection.sendall(b'from the other process')
      connection.close()
      """, port)
    #expect(result == Finished(.exit(0), output: "status 0\n"))
    #expect(try await server.finished().text == "from the other process")
    let plain = try await sockkit("nc", "-F", "127.0.0.1", "1")
    #expect(plain.ending == .exit(1), "\(plain)")
  }

  @Test(arguments: ["4", "5", "connect"])
  func `a proxy leads to the target, and is named if it is closed`(kind: String) async throws {
    let proxy = RunningProgram.sockkit("proxy", "-v", "127.0.0.1:0")
    let port = "\(try await proxy.announcedPort())"
    let (server, target) = try await Self.listener()
    let client = try await sockkit(
      "nc", "-v", "-N", "-X", kind, "-x", "127.0.0.1:\(port)", "127.0.0.1", target,
      input: .bytes(Array("through".utf8)))
    #expect(
      client
        == Finished(.exit(0), errors: "Connection to 127.0.0.1 \(target) port [tcp/*] succeeded!\n"))
    #expect(try await server.finished().text == "through")
    let refused = try await sockkit("nc", "-v", "-X", kind, "-x", "127.0.0.1:\(port)", "127.0.0.1", "1")
    let words = [
      "4": "nc: connection failed, SOCKSv4 error: Request rejected or failed",
      "5": "nc: connection failed, SOCKSv5 error: Connection refused",
      "connect": "nc: Proxy error: \"HTTP/1.0 502 Bad Gateway\"",
    ]
    #expect(refused == Finished(.exit(1), errors: words[kind, default: ""] + "\n"))
    proxy.signal(SIGTERM)
    _ = try await proxy.finished()
  }

  @Test func `one client is served after another, and a reset ends only its own`() async throws {
    let server = RunningProgram(.sockkit(["nc", "-lkvn", "127.0.0.1", "0"]), input: .file("/dev/null"))
    let line = try await server.errorLine(containing: "Listening on ")
    let port = String(try #require(line.split(separator: " ").last))
    let first = try await sockkit("nc", "-N", "127.0.0.1", port, input: .bytes(Array("one\n".utf8)))
    #expect(first == Finished(.exit(0)))
    let broken = try RunningProgram.python(
      "c = connected(arguments[0])\nc.sendall(b'two\\n')\ntold('arrived')\nreset(c)", port)
    try await server.outputLine(containing: "two")
    broken.send("arrived\n")
    #expect(try await broken.finished().ending == .exit(0))
    try await server.errorLine(containing: "Connection reset by peer")
    let last = try await sockkit("nc", "-N", "127.0.0.1", port, input: .bytes(Array("three\n".utf8)))
    #expect(last == Finished(.exit(0)))
    try await server.outputLine(containing: "three")
    server.signal(SIGTERM)
    let end = try await server.finished()
    #expect(end.ending == .signal(SIGTERM) && end.text == "one\ntwo\nthree\n", "\(end)")
  }

  @Test func `an input that is not read counts as an empty one if its end is to be passed on`() async throws {
    let result = try await python(
      """
      listener = listening()
      program = subprocess.Popen(
          ['sockkit', 'nc', '-dN', '127.0.0.1', str(listener.getsockname()[1])], stdin=subprocess.PIPE,
          stdout=subprocess.PIPE)
      connection, _ = listener.accept()
      print('end', connection.recv(1) == b'')
      connection.sendall(b'answer')
      connection.close()
      print('status', program.wait(20), program.stdout.read())
      """)
    #expect(result.text.hasSuffix("end True\nstatus 0 b'answer'\n"), "\(result)")
  }

  @Test func `commands of several clients see the end of what each of them sends`() async throws {
    let server = RunningProgram(
      .sockkit(["nc", "-lkvn", "127.0.0.1", "0", "-c", "cat; echo done"]), input: .file("/dev/null"))
    let line = try await server.errorLine(containing: "Listening on ")
    let port = String(try #require(line.split(separator: " ").last))
    for word in ["one", "two"] {
      let client = try await sockkit("nc", "-N", "127.0.0.1", port, input: .bytes(Array("\(word)\n".utf8)))
      #expect(client == Finished(.exit(0), output: "\(word)\ndone\n"))
    }
    server.signal(SIGTERM)
    _ = try await server.finished()
  }

  @Test func `what the peer does not read is no success when the time is over`() async throws {
    let result = try await python(
      """
      listener = listening()
      program = subprocess.Popen(
          ['sockkit', 'nc', '-w', '1', '127.0.0.1', str(listener.getsockname()[1])], stdin=open('/dev/zero'),
          stderr=subprocess.PIPE)
      connection, _ = listener.accept()
      print('status', program.wait(30), program.stderr.read().decode())
      """)
    #expect(result.ending == .exit(0) && result.text.contains("\nstatus 1 nc: "), "\(result)")
  }

  @Test(arguments: ["5 required", "5 free", "connect required", "connect free"])
  func `the password of -P is asked for on the terminal if the proxy requires it`(proxy: String) async throws
  {
    let result = try await python(
      #"""
      kind, need = arguments[0].split()
      listener = listening()
      proxy = '127.0.0.1:%d' % listener.getsockname()[1]
      pid, terminal = pty.fork()
      if pid == 0:
          os.execvp('sockkit', ['sockkit', 'nc', '-X', kind, '-P', 'me', '-x', proxy, '192.0.2.1', '5'])
      shown = b''
      def answer():
          "Waits for the question, and answers it."
          global shown
          while b'Proxy password for me@127.0.0.1: ' not in shown:
              shown += os.read(terminal, 99)
          os.write(terminal, b'secret\n')
      connection, _ = listener.accept()
      if kind == '5':
          exactly(connection, 4)
          connection.sendall(b'\5\2' if need == 'required' else b'\5\0')
          if need == 'required':
              answer()
              say(exactly(connection, 11))
              connection.sendall(b'\1\0')
          exactly(connection, 10)
          connection.sendall(b'\5\0\0\1\0\0\0\0\0\0')
      else:
          def request():
              got = b''
              while not got.endswith(b'\r\n\r\n'):
                  got += connection.recv(999)
              return got
          request()
          if need == 'required':
              connection.sendall(b'HTTP/1.0 407 Login\r\nProxy-Authenticate: Basic realm="x"\r\n\r\n')
              answer()
              connection, _ = listener.accept()
              say(b'Proxy-Authorization: Basic bWU6c2VjcmV0\r\n' in request())
          connection.sendall(b'HTTP/1.0 200 OK\r\n\r\n')
      connection.sendall(b'hello')
      connection.close()
      try:
          while part := os.read(terminal, 99):
              shown += part
      except OSError:
          # That is the end of a terminal.
          pass
      say(b'hello' in shown, shown.count(b'password'), os.waitpid(pid, 0)[1])
      """#, proxy)
    let answers = [
      "5 required": #"b'\x01\x02me\x06secret'"# + "\nTrue 1 0\n", "connect required": "True\nTrue 1 0\n",
    ]
    #expect(result.text.hasSuffix(answers[proxy] ?? "True 0 0\n"), "\(result)")
  }

  @Test func `without a terminal to ask on, the reason is the passphrase`() async throws {
    let result = try await python(
      #"""
      listener = listening()
      program = subprocess.Popen(
          ['sockkit', 'nc', '-P', 'me', '-x', '127.0.0.1:%d' % listener.getsockname()[1], '192.0.2.1', '5'],
          start_new_session=True, stderr=subprocess.PIPE)
      connection, _ = listener.accept()
      connection.recv(9)
      connection.sendall(b'\5\2')
      print(program.wait(20), program.stderr.read().decode())
      """#)
    #expect(result.text.hasSuffix("1 nc: Unable to read proxy passphrase\n\n"), "\(result)")
  }

  @Test func `a list from a pipe is read to its end, although its writer is slow`() async throws {
    let result = try await python(
      #"""
      reader, writer = os.pipe()
      program = subprocess.Popen(
          ['sockkit', 'ncat', '-lkv', '--denyfile', f'/dev/fd/{reader}', '127.0.0.1', '0', '-c', 'echo hi'],
          pass_fds=[reader], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
      def openings():
          links = (f'/proc/{program.pid}/fd/{name}' for name in os.listdir(f'/proc/{program.pid}/fd'))
          return [os.readlink(link) for link in links if os.path.exists(link)].count(os.readlink(f'/proc/self/fd/{reader}'))
      # It has found the pipe empty, or is about to.
      while openings() < 2 and not select.select([program.stderr], [], [], 0.01)[0]:
          pass
      os.write(writer, b'127.0.0.1\n')
      os.close(writer)
      shown = b''
      while b'\n' not in shown.partition(b'Listening on 127.0.0.1:')[2]:
          shown += os.read(program.stderr.fileno(), 99)
      port = shown.partition(b'Listening on 127.0.0.1:')[2].split()[0]
      print(received(connected(port)))
      program.terminate()
      program.wait(20)
      """#)
    #expect(result == Finished(.exit(0), output: "b''\n"))
  }

  @Test func `ncat pauses after what it has received at once`() async throws {
    let result = try await python(
      """
      listener = listening()
      program = subprocess.Popen(
          ['sockkit', 'ncat', '-d', '400ms', '127.0.0.1', str(listener.getsockname()[1])],
          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
      connection, _ = listener.accept()
      connection.sendall(b'1\\n2\\n')
      print(os.read(program.stdout.fileno(), 9))
      start = time.monotonic()
      connection.sendall(b'3')
      print(os.read(program.stdout.fileno(), 9), time.monotonic() - start > 0.2)
      connection.close()
      print('status', program.wait(20))
      """)
    #expect(result.text.hasSuffix("b'1\\n2\\n'\nb'3' True\nstatus 0\n"), "\(result)")
  }

  @Test func `the program has the name nc by a link`() async throws {
    let directory = try TemporaryDirectory()
    let result = try await shell(
      "ln -s \"$(command -v sockkit)\" \"$1/nc\" && \"$1/nc\" -v 127.0.0.1 1; echo $?; \"$1/nc\" -y 2>&1 | head -1",
      directory.path)
    #expect(
      result
        == Finished(
          .exit(0), output: "1\n\(directory.path)/nc: invalid option -- 'y'\n",
          errors: "nc: connect to 127.0.0.1 port 1 (tcp) failed: Connection refused\n"))
  }
}
