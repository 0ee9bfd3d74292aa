// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// `ncat` as an HTTP proxy and our program under its name do the same, row by row.
@Suite(.takingTurns)
struct NcatProxyOracleTests {
  private let oracle: Oracle

  init() throws { oracle = try .ncat() }

  /// Python of a peer with an origin server at the port `O`, which ends the proxy when it is done.
  private static let tools = """
    P = c.getpeername()[1]
    server = socket.create_server(('127.0.0.1', 0))
    server.settimeout(20)
    O = server.getsockname()[1]
    def begin(text):
        m = socket.create_connection(('127.0.0.1', P))
        m.settimeout(20)
        m.sendall(text.replace('<P>', str(P)).replace('<O>', str(O)).encode())
        return m
    def ask(text):
        with begin(text) as m:
            return drain(m).decode().split('\\r\\n\\r\\n')[0].split('\\r\\n')
    def accept():
        s, _ = server.accept()
        s.settimeout(20)
        return s
    def head(s):
        got = b''
        while b'\\r\\n\\r\\n' not in got and (part := s.recv(1)):
            got += part
        return got.decode()
    def curl(options):
        result = subprocess.run(
            f'curl --silent --output /dev/null --write-out "%{{http_code}} %{{http_connect}}" --max-time 15 {options}'
            .replace('<P>', str(P)).replace('<O>', str(O)), shell=True, capture_output=True)
        return result.stdout.decode()
    def serve():
        while True:
            try:
                s = accept()
            except OSError:
                return
            if head(s):
                s.sendall(b'HTTP/1.0 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok')
            s.close()
    def end():
        os.killpg(process.pid, signal.SIGTERM)

    """

  private static func line(_ options: String) -> String { "ncat -lv4 --proxy-type http \(options) PORT" }

  /// The whole peer that does something with these tools.
  private static func peer(_ body: String) -> String {
    tools + "try:\n" + body.split(separator: "\n").map { "    \($0)\n" }.joined() + "finally:\n    end()"
  }

  private func run(
    _ options: String, _ peer: String
  ) async throws -> (original: Oracle.Behaviour, ours: Oracle.Behaviour) {
    try await oracle.run(Self.line(options), with: Self.peer(peer), listens: true)
  }

  private func ours(_ options: String, _ peer: String) async throws -> Oracle.Behaviour {
    try await oracle.ours(Self.line(options), with: Self.peer(peer), listens: true)
  }

  // MARK: Answers

  /// Requests without an origin server, and the status of the answer.
  static let requests: [(request: String, status: Int)] = [
    ("garbage\\r\\n\\r\\n", 400), ("GET\\r\\n\\r\\n", 400), ("GET /\\r\\n\\r\\n", 400),
    ("GET / HTTP/1.0\\r\\n\\r\\n", 400), ("GET h HTTP/1.0\\r\\n\\r\\n", 400),
    ("CONNECT h HTTP/1.0\\r\\n\\r\\n", 400), ("CONNECT h: HTTP/1.0\\r\\n\\r\\n", 400),
    ("CONNECT h:99999 HTTP/1.0\\r\\n\\r\\n", 400), ("CONNECT h:1\\r\\n\\r\\n", 400),
    ("CONNECT 127.0.0.1:1 HTTP/1.0\\r\\n\\r\\n", 504), ("CONNECT 127.0.0.1:1 HTTP/1.1\\n\\n", 504),
    ("CONNECT nosuch.invalid:1 HTTP/1.0\\r\\n\\r\\n", 504), ("CONNECT [::1]:<O> HTTP/1.0\\r\\n\\r\\n", 504),
    ("GET http://127.0.0.1:1/ HTTP/1.1\\r\\n\\r\\n", 504),
    ("GET http://127.0.0.1:<P>/ HTTP/1.0\\r\\n\\r\\n", 403),
    ("GET http://localhost:<P> HTTP/1.0\\r\\n\\r\\n", 403),
    ("PUT http://h/ HTTP/1.0\\r\\nContent-Length: 0\\r\\n\\r\\n", 405),
    ("OPTIONS http://h/ HTTP/1.0\\r\\n\\r\\n", 405), ("DELETE http://h/ HTTP/1.0\\r\\n\\r\\n", 405),
    ("GET https://h/ HTTP/1.0\\r\\n\\r\\n", 400), ("GET ftp://h/ HTTP/1.0\\r\\n\\r\\n", 400),
    ("GET http://h/ HTTP/1.0\\r\\nX y\\r\\n\\r\\n", 400),
    ("POST http://127.0.0.1:<O>/ HTTP/1.0\\r\\nContent-Length: x\\r\\n\\r\\n", 400),
    ("POST http://127.0.0.1:<O>/ HTTP/1.0\\r\\n\\r\\n", 400), ("\\5\\1\\0\\r\\n\\r\\n", 400),
  ]

  @Test func `a request that is not met has the same answer, the header alone`() async throws {
    let list = Self.requests.map { "'\($0.request)'" }.joined(separator: ", ")
    let (original, ours) = try await run("", "return [ask(text) for text in [\(list)]]")
    #expect(ours == original)
    for status in Set(Self.requests.map(\.status)) {
      #expect(ours.contains("HTTP/1.0 \(status) "), "\(ours)")
    }
    #expect(ours.contains("'HTTP/1.0 405 Method Not Allowed', 'Allow: CONNECT, GET, HEAD, POST'"), "\(ours)")
    let statuses = Self.requests.map { "\($0.status) " }
    let answers = ours.description.split(separator: "['HTTP/1.0 ").dropFirst().map { String($0.prefix(4)) }
    #expect(answers == statuses, "\(ours)")
  }

  @Test func `a request that is too long, or ends within its header, is refused`() async throws {
    let peer = """
      m = begin('GET http')
      m.shutdown(1)
      long = [ask('GET http://h/' + 'a' * 9000 + ' HTTP/1.0\\r\\n')[0].split()[1]]
      long += [ask('GET http://h/ HTTP/1.0\\r\\n' + 'X: yyyyyyy\\r\\n' * 5000)[0].split()[1]]
      return drain(m), long
      """
    let ours = try await ours("", peer)
    #expect(ours.contains("(b'HTTP/1.0 400 Bad Request\\r\\n\\r\\n', ['414', '413'])"), "\(ours)")
  }

  // MARK: Tunnels and requests

  @Test func `a tunnel carries what came behind the header, and both directions`() async throws {
    let peer = """
      m = begin('CONNECT 127.0.0.1:<O> HTTP/1.1\\r\\nHost: x\\r\\n\\r\\nearly')
      s = accept()
      seen = [s.recv(5), head(m)]
      s.sendall(b'hello')
      seen += [m.recv(5)]
      m.sendall(b'more')
      seen += [s.recv(4)]
      s.close()
      return seen + [wait_end(m)]
      """
    let (original, ours) = try await run("", peer)
    #expect(ours == original)
    #expect(ours.contains("b'early', 'HTTP/1.0 200 OK\\r\\n\\r\\n', b'hello', b'more'"), "\(ours)")
  }

  @Test func `a client that has ended its side of a tunnel still gets the answer`() async throws {
    let peer = """
      m = begin('CONNECT 127.0.0.1:<O> HTTP/1.0\\r\\n\\r\\nask')
      m.shutdown(1)
      s = accept()
      got = drain(s)
      s.sendall(b'answer')
      s.close()
      return got, wait_end(m)
      """
    let ours = try await ours("", peer)
    #expect(ours.contains("(b'ask', (b'HTTP/1.0 200 OK\\r\\n\\r\\nanswer', 'end'))"), "\(ours)")
  }

  @Test func `a fetched request has the path alone, and no fields of the connection to the proxy`()
    async throws
  {
    let peer = """
      seen = []
      for line in ['GET http://127.0.0.1:<O>/a%20b?c', 'HEAD http://127.0.0.1:<O>', 'POST http://127.0.0.1:<O>/']:
          body = 'Content-Length: 3\\r\\n\\r\\nabcdef' if line[0] == 'P' else '\\r\\n'
          m = begin(line + ' HTTP/1.1\\r\\nHost: x\\r\\nA: b\\r\\nConnection: X-B\\r\\nX-C: 1\\r\\nx-b: 2\\r\\n'
              'Connection: x-c, Keep-Alive\\r\\nKeep-Alive: 3\\r\\n' + body)
          s = accept()
          lines = head(s).replace(str(O), 'O').split('\\r\\n')
          body = s.recv(9) if line[0] == 'P' else b''
          s.sendall(b'HTTP/1.0 200 OK\\r\\nX-A: 1\\r\\nConnection: X-A\\r\\nContent-Length: 2\\r\\n\\r\\nok')
          s.close()
          answer = drain(m).decode().split('\\r\\n')
          # The version is that of the client here, and the one of the original there.
          seen.append((lines[0][:-1], sorted(line for line in lines[1:] if not line.startswith('Via')), body,
              sorted(line for line in answer if not line.startswith('Via'))))
      return seen
      """
    let (original, ours) = try await run("", peer)
    #expect(ours == original)
    #expect(ours.contains("GET /a%20b?c HTTP/1.") && ours.contains("HEAD / HTTP/1."), "\(ours)")
    #expect(!ours.description.lowercased().contains("x-b") && ours.contains("b'abc'"), "\(ours)")
  }

  @Test func `a body that is chunked is passed on, and the field of old proxies is not`() async throws {
    let peer = """
      m = begin('POST http://127.0.0.1:<O>/ HTTP/1.1\\r\\nHost: x\\r\\nProxy-Connection: y\\r\\n'
          'Transfer-Encoding: chunked\\r\\n\\r\\n3\\r\\nabc\\r\\n0\\r\\n\\r\\nrest')
      s = accept()
      got = head(s) + head(s)
      s.sendall(b'HTTP/1.0 204 No Content\\r\\n\\r\\n')
      s.close()
      return got, drain(m)[:20]
      """
    let ours = try await ours("", peer)
    #expect(ours.contains("3\\r\\nabc\\r\\n0\\r\\n\\r\\n") && ours.contains("HTTP/1.0 204 No"), "\(ours)")
    #expect(!ours.contains("Proxy-Connection") && !ours.contains("rest"), "\(ours)")
  }

  // MARK: Passwords

  @Test func `a password is demanded in both schemes, and given by curl in both`() async throws {
    let peer = """
      threading.Thread(target=serve, daemon=True).start()
      demand = [re.sub('nonce="[^"]*"', 'nonce=N', line) for line in ask('GET http://h/ HTTP/1.0\\r\\n\\r\\n')]
      seen = [line for line in demand if line != 'Connection: close']
      for options in ['--proxy-basic', '--proxy-digest', '--proxy-anyauth', '--proxytunnel --proxy-basic']:
          for user in ['me:a:b', 'me:x', 'you:a:b']:
              seen.append(curl(f'{options} --proxy-user {user} --proxy http://127.0.0.1:<P> "http://127.0.0.1:<O>/?a=b%20"'))
      server.close()
      return seen
      """
    let (original, ours) = try await run("--proxy-auth me:a:b", peer)
    #expect(ours == original)
    #expect(
      ours.contains("'Proxy-Authenticate: Digest realm=\"Ncat\", nonce=N, qop=\"auth\"'")
        && ours.contains("'200 000', '407 000', '407 000', '200 000'")
        && ours.contains("'200 200', '000 407'"),
      "\(ours)")
  }

  @Test func `Digest leads into a tunnel, for curl and for ncat, and the password may be in the environment`()
    async throws
  {
    let peer = """
      threading.Thread(target=serve, daemon=True).start()
      seen = [curl(f'--proxytunnel --proxy-digest --proxy-user me:{password} --proxy http://127.0.0.1:<P> '
          'http://127.0.0.1:<O>/') for password in ['secret', 'wrong']]
      for password in ['secret', 'wrong']:
          client = subprocess.run(['ncat', '--proxy', f'127.0.0.1:{P}', '--proxy-auth', 'me:' + password,
              '127.0.0.1', str(O)], input=b'GET / HTTP/1.0\\r\\n\\r\\n', capture_output=True)
          seen.append((client.returncode, client.stdout[:15], client.stderr))
      server.close()
      return seen
      """
    let ours = try await oracle.ours(
      "NCAT_PROXY_AUTH=me:secret " + Self.line(""), with: Self.peer(peer), listens: true)
    #expect(
      ours.contains("'200 200', '000 407', (0, b'HTTP/1.0 200 OK', b'')")
        && ours.contains("(1, b'', b'Ncat: Proxy returned status code 407.\\n')"), "\(ours)")
  }

  // MARK: Clients

  @Test func `clients speak TLS with --ssl`() async throws {
    let peer = """
      threading.Thread(target=serve, daemon=True).start()
      seen = [curl(f'{options} --proxy-insecure --proxy https://127.0.0.1:<P> http://127.0.0.1:<O>/')
          for options in ['', '--proxytunnel']]
      server.close()
      return seen
      """
    let (original, ours) = try await run("--ssl", peer)
    #expect(original.contains("['200 000', '200 200']"), "\(original)")
    #expect(ours.contains("['200 000', '200 200']"), "\(ours)")
  }

  @Test(arguments: ["", "-k", "-m 1"])
  func `any number of clients is served at once, and a signal ends all`(options: String) async throws {
    let peer = """
      tunnels = [begin('CONNECT 127.0.0.1:<O> HTTP/1.0\\r\\n\\r\\n') for _ in range(20)]
      ends = [accept() for _ in tunnels]
      for s in ends:
          s.sendall(b'hello')
      return {head(m) + m.recv(5).decode() for m in tunnels}
      """
    let (original, ours) = try await run(options, peer)
    #expect(ours == original)
    #expect(ours.contains("{'HTTP/1.0 200 OK\\r\\n\\r\\nhello'}") && ours.contains("status -15"), "\(ours)")
    #expect(ours.contains("Maximum connections ignored") == (options == "-m 1"), "\(ours)")
  }

  @Test func `with -k there are as many clients as -m says, and others are closed at once`() async throws {
    let peer = """
      closed = wait_end(begin(''))
      c.sendall(f'CONNECT 127.0.0.1:{O} HTTP/1.0\\r\\n\\r\\n'.encode())
      s = accept()
      closed = [closed, wait_end(begin(''))]
      s.close()
      wait_end(c)
      c.close()
      said(b'limit reached (1)')
      # The place of the client is free a moment after its end.
      for _ in range(1000):
          if answer := drain(begin('GET / HTTP/1.0\\r\\n\\r\\n')):
              break
      return closed, answer
      """
    let ours = try await ours("-k -m 1", peer)
    #expect(ours.contains("([(b'', 'end'), (b'', 'end')], b'HTTP/1.0 400 Bad"), "\(ours)")
  }

  @Test(arguments: [("--allow 127.0.0.0/8", true), ("--deny 127.0.0.1", false), ("--allow 10.0.0.1", false)])
  func `the lists decide who is a client`(options: String, isServed: Bool) async throws {
    let request = isServed ? "c.sendall(b'GET / HTTP/1.0\\r\\n\\r\\n')\n" : ""
    let (original, ours) = try await run(options, request + "return drain(c)")
    let answer = isServed ? "[b'HTTP/1.0 400 Bad Request\\r\\n\\r\\n']" : "[b'']"
    #expect(original.contains(answer), "\(original)")
    #expect(ours.contains(answer) && ours.contains("denied") != isServed, "\(ours)")
  }

  @Test func `names are not looked up with -n, and -vv tells of each client`() async throws {
    let peer = "return ask('CONNECT localhost:<O> HTTP/1.0\\r\\n\\r\\n')"
    let (original, ours) = try await run("-n", peer)
    #expect(ours == original)
    #expect(ours.contains("HTTP/1.0 504 "), "\(ours)")
    let detailed = try await self.ours(
      "-v", "c.sendall(b'CONNECT 127.0.0.1:1 HTTP/1.0\\n\\n')\nreturn drain(c)")
    #expect(detailed.contains("Ncat: 127.0.0.1:N: Connection refused."), "\(detailed)")
  }

  @Test(arguments: ["-e cat", "-c cat", "--broker", "-u", "--proxy-auth me"])
  func `what is no option of a proxy is refused`(options: String) async throws {
    let ours = try await oracle.ours("ncat -l --proxy-type http \(options) 0", with: nil)
    #expect(ours.contains("status 2") && ours.contains("QUITTING."), "\(ours)")
  }
}
