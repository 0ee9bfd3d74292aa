// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// `ncat` and our program under its name do the same, row by row.
@Suite(.takingTurns)
struct NcatOracleTests {
  private let oracle: Oracle

  init() throws { oracle = try .ncat() }

  // MARK: Usage

  static let usageRows = [
    "ncat", "ncat -v", "ncat -l 1 2", "ncat 127.0.0.1 80x", "ncat 127.0.0.1 99999", "ncat 127.0.0.1 http",
    "ncat 127.0.0.1 1 2", "ncat -l -p 5 6", "ncat -l -p x", "ncat -p x h", "ncat -p 70000 h", "ncat -w x h",
    "ncat -w 0 h", "ncat -w -1 h", "ncat -w 5x h", "ncat -w 1d h", "ncat -w 2147484s h",
    "ncat -i x h", "ncat -i 0 h", "ncat -d x h", "ncat -d 0ms h", "ncat -l -s 127.0.0.1 0", "ncat -vl -s 1 0",
    "ncat -y", "ncat --x", "ncat --ss", "ncat -p", "ncat --source", "ncat --ssl=1 h", "ncat --lis=1",
    "ncat -e a -c b h", "ncat -c a -c b h", "ncat -c b --lua-exec x h", "ncat -l -z", "ncat -z -t h",
    "ncat -z -e x h", "ncat -zc x h", "ncat --broker -e x -l 0", "ncat --chat 127.0.0.1 1",
    "ncat -m 3 127.0.0.1 1", "ncat --allow 127.0.0.1 127.0.0.1 1", "ncat --proxy x --proxy y h 1",
    "ncat --proxy-type bad --proxy x h 1", "ncat --proxy-type http h 1".replacing(" h ", with: " 127.0.0.1 "),
    "ncat --proxy-dns bad --proxy 1.2.3.4 h 1", "ncat --proxy-type socks4 --proxy-type socks5 h",
    "ncat --proxy-auth a --proxy-auth b h", "ncat --proxy 127.0.0.1 --listen 0",
    "ncat -l -t --proxy-type http 0", "ncat -l --proxy-type socks5 0", "ncat -U", "ncat -Ul", "ncat -U a b",
    "ncat -U a -p 1", "ncat -U --ssl a", "ncat -U --proxy x a", "ncat -U --broker -l a",
    "ncat 5000", "ncat 0 80", "ncat --ssl-key x 127.0.0.1 1", "ncat --ssl-cert x 127.0.0.1 1",
    "ncat --ssl-cert x --ssl -l 0",
    "ncat -n localhost", "ncat nosuch.invalid", "ncat -4 ::1 1", "ncat -6 127.0.0.1 1",
    "ncat -s nosuch.invalid 127.0.0.1 1", "ncat -l nosuch.invalid 5", "ncat -l 8.8.8.8 5", "ncat -l x",
    "ncat -l 123456", "ncat -l 99999", "ncat -lv 127.0.0.1 x", "ncat -U -l /nonexist/x", "ncat -lU /tmp",
  ]

  @Test(arguments: usageRows)
  func `a wrong command line gets the same message, and status 2`(line: String) async throws {
    let (original, ours) = try await oracle.run(line, with: nil)
    #expect(ours == original)
    #expect(ours.contains("status 2") && ours.contains("QUITTING."), "\(ours)")
  }

  @Test func `the version is an answer on standard error, and the help on standard output`() async throws {
    let version = try await oracle.run("ncat --version", with: nil)
    #expect(version.ours == version.original)
    let (original, ours) = try await oracle.run(
      "ncat -h | grep -oE '^  (-.| *--)[^ ]*( --[^ ]*)?'", with: nil)
    // The same options in the same order, and one of newer releases.
    let all = ours.description.replacing("  -q\\n", with: "")
    #expect(all == original.description)
    let usage = try await oracle.run("ncat --help | sed -n '1s/[0-9.]*//2;1,2p'", with: nil)
    #expect(usage.ours.contains("Ncat ") && usage.ours.contains("Usage: ncat [options] [hostname] [port]"))
  }

  @Test(arguments: [
    "ncat -g 127.0.0.1 127.0.0.1 1", "ncat -G 4 127.0.0.1 1", "ncat --lua-exec x 127.0.0.1 1",
  ])
  func `what is not supported is refused with a reason`(line: String) async throws {
    let ours = try await oracle.run(line, with: nil).ours
    #expect(
      ours.contains("status 2") && ours.contains("not supported") && ours.contains("QUITTING."), "\(ours)")
  }

  // MARK: Connecting

  static let failures = [
    "ncat 127.0.0.1 1", "ncat -v 127.0.0.1 1", "ncat -z 127.0.0.1 1", "ncat -vz 127.0.0.1 1", "ncat -U none",
    "ncat -vU none", "ncat localhost 1", "ncat 127.0.0.1 0", "ncat -w 500ms -d 1.5s -i 2H 127.0.0.1 1",
    "ncat -u -zv 127.0.0.1 1",
  ]

  @Test(arguments: failures)
  func `a failure to connect has the same words, and status 1`(line: String) async throws {
    let (original, ours) = try await oracle.run(line, with: nil)
    // A datagram that is refused has no connection that could be reported before.
    let expected =
      line.contains("-u")
      ? original.description.replacing(/Ncat: Connected to [^\n]*\n/, with: "")
      : original.description
    #expect(ours.description == expected)
    #expect(ours.contains("status 1"), "\(ours)")
  }

  static let clients: [(line: String, peer: String)] = [
    ("ncat 127.0.0.1 PORT", "c.sendall(b'hello')"),
    ("echo hi | ncat -v 127.0.0.1 PORT", "got = drain(c)\nc.sendall(got)\nreturn got"),
    ("ncat -vz 127.0.0.1 PORT", "return wait_end(c)"),
    ("ncat -z 127.0.0.1 PORT", "return wait_end(c)"),
    ("printf 'a\\nb\\r\\nc\\n' | ncat -C 127.0.0.1 PORT", "return wait_end(c)"),
    ("echo hi | ncat -v --send-only 127.0.0.1 PORT", "got = wait_end(c)\nreturn got"),
    ("echo hi | ncat -v --recv-only 127.0.0.1 PORT", "c.sendall(b'zz')\nc.shutdown(1)\nreturn wait_end(c)"),
    ("echo hi | ncat --no-shutdown 127.0.0.1 PORT", "got = c.recv(9)\nc.sendall(b'zz')\nreturn got"),
    ("echo hi | ncat -vi 500ms 127.0.0.1 PORT", "got = c.recv(9)\nended()\nreturn got"),
    ("(echo hi; sleep 1) | ncat -d 300ms 127.0.0.1 PORT", "return wait_end(c)"),
    // Nothing is lost although the peer has half-closed before.
    (
      "head -c 9000000 /dev/zero > big; ncat --send-only 127.0.0.1 PORT < big",
      "c.shutdown(1)\nreturn len(drain(c))"
    ),
    ("(sleep 0.5; echo late) | ncat --send-only 127.0.0.1 PORT", "c.shutdown(1)\nreturn wait_end(c)"),
    ("head -c 9000000 /dev/zero > big; ncat 127.0.0.1 PORT < big", "c.shutdown(1)\nreturn len(drain(c))"),
    ("(sleep 1; echo hi) | ncat -s 127.0.0.2 127.0.0.1 PORT", "return c.getpeername()[0], wait_end(c)"),
  ]

  @Test(arguments: clients)
  func `a client does the same`(line: String, peer: String) async throws {
    let (original, ours) = try await oracle.run(line, with: peer)
    #expect(ours == original)
  }

  // MARK: Listening

  static let listeners: [(line: String, peer: String)] = [
    ("ncat -lv 127.0.0.1 PORT", "c.sendall(b'hello')"),
    ("ncat -lv4 PORT", "c.sendall(b'hello')"),
    ("ncat -lv4p PORT", "c.sendall(b'hello')"),
    ("ncat -lv PORT", "c.sendall(b'hello')\nc.shutdown(1)\nreturn wait_end(c)"),
    ("ncat -lv localhost PORT", "c.sendall(b'hello')"),
    ("sleep 3 | ncat -lv 127.0.0.1 PORT", "c.sendall(b'hello')\nc.shutdown(1)\nreturn wait_end(c)"),
    ("echo hi | ncat -lv 127.0.0.1 PORT", "got = drain(c)\nc.sendall(b'late')\nreturn got"),
    ("echo hi | ncat -lv --send-only 127.0.0.1 PORT", "return wait_end(c)"),
    ("echo hi | ncat -lv --recv-only 127.0.0.1 PORT", "c.sendall(b'x')\nc.shutdown(1)\nreturn wait_end(c)"),
    ("echo hi | ncat -lv --no-shutdown 127.0.0.1 PORT", "got = c.recv(9)\nc.sendall(b'x')\nreturn got"),
    ("echo hi | ncat -lvC 127.0.0.1 PORT", "return wait_end(c)"),
    ("ncat -lv -m 3 127.0.0.1 PORT", "c.sendall(b'hello')"),
    ("ncat -lv --test 127.0.0.1 PORT", "c.sendall(b'hello')"),
    ("sleep 3 | ncat -lvi 1 127.0.0.1 PORT", "c.sendall(b'x')\nended()"),
  ]

  @Test(arguments: listeners)
  func `a listener does the same`(line: String, peer: String) async throws {
    let (original, ours) = try await oracle.run(line, with: peer, listens: true)
    #expect(ours == original)
  }

  // MARK: Files

  @Test func `-o records the bytes of both directions, and -x dumps them, and replaces the files`()
    async throws
  {
    let line =
      "echo old | tee o > x; echo hello world, this is long | ncat -o o -x x 127.0.0.1 PORT > /dev/null; cat o x"
    let peer = "got = drain(c)\nc.sendall(b'answer to \\x00\\x80 it')"
    let (original, ours) = try await oracle.run(line, with: peer)
    #expect(ours == original)
    #expect(ours.contains("0010   73 20") && !ours.contains("old"), "\(ours)")
    let appended = try await oracle.run(
      line.replacing("ncat ", with: "ncat --append-output "), with: peer)
    #expect(appended.ours == appended.original)
    #expect(appended.ours.contains("old"), "\(appended.ours)")
  }

  // MARK: Unix datagrams

  @Test(arguments: ["ncat -uU s", "ncat -uU s -s own"])
  func `a Unix datagram arrives although its sender is gone, and no socket file is left`(
    client: String
  ) async throws {
    let line =
      "timeout 2 ncat -luU s > got & until [ -S s ]; do sleep 0.1; done; echo hi | \(client); wait; cat got; ls"
    let ours = try await oracle.run(line, with: nil).ours
    #expect(ours.contains("output b'hi\\ngot\\nncat\\n'"), "\(ours)")
  }

  // MARK: Many clients

  /// Python of a peer that opens more connections to the port of `c`.
  private static let more = """
    def more():
        m = socket.create_connection(c.getpeername())
        m.settimeout(20)
        return m
    def line(m):
        got = b''
        while not got.endswith(b'\\n'):
            got += m.recv(1)
        return got

    """

  static let servers: [(line: String, peer: String)] = [
    (
      "(sleep 0.5; echo all; sleep 9) | timeout 3 ncat -lkv 127.0.0.1 PORT",
      "m = more()\nreturn line(c), line(m)"
    ),
    (
      "timeout 3 ncat -lk 127.0.0.1 -v PORT",
      "c.sendall(b'no newline')\nshown(b'no newline')\nm = more()\nm.sendall(b'more')"
    ),
    (
      "timeout 3 ncat -lkv -m 1 127.0.0.1 PORT",
      "m = more()\nend = wait_end(m)\nc.shutdown(1)\nwait_end(c)\nm = more()\nm.sendall(b'later')\nreturn end"
    ),
    ("timeout 3 ncat -lkv -m 0 127.0.0.1 PORT", "return wait_end(c)"),
    // A client that half-closes is closed although the input goes on.
    (
      "(echo all; sleep 9) | timeout 3 ncat -lkv 127.0.0.1 PORT",
      "got = line(c)\nc.shutdown(1)\nreturn got, wait_end(c)"
    ),
    // One that connects after the end of input is not half-closed.
    (
      "timeout 4 ncat -lkv 127.0.0.1 PORT",
      "wait_end(c)\nm = more()\nm.settimeout(0.7)\ntry:\n  m.recv(1)\nexcept TimeoutError:\n  m.sendall(b'late')\n  shown(b'late')\n  return 'open'"
    ),
    (
      "timeout 3 ncat --broker -lv 127.0.0.1 PORT",
      "m = more()\nsaid(b':%d.' % m.getsockname()[1])\nc.sendall(b'to all\\n')\nreturn line(m)"
    ),
    (
      "timeout 3 ncat -lkv 127.0.0.1 PORT -c 'read x; echo got $x'",
      "m = more()\nm.sendall(b'1\\n')\nc.sendall(b'2\\n')\nreturn line(c), line(m)"
    ),
  ]

  @Test(arguments: servers)
  func `a server of many clients does the same, until a signal ends it`(line: String, peer: String)
    async throws
  {
    let (original, ours) = try await oracle.run(line, with: Self.more + peer, listens: true)
    #expect(ours == original)
    #expect(ours.contains("status 124"), "\(ours)")
  }

  @Test func `the members of a chat are told of each other`() async throws {
    let peer = """
      first = [line(c), line(c)]
      m = more()
      joined = [line(m), line(m), line(c), line(c)]
      m.sendall(b'tab\\t bell\\x07 del\\x7f\\n')
      said = line(c)
      m.close()
      return first, joined, said, line(c)
      """
    let (original, ours) = try await oracle.run(
      "timeout 4 ncat -l --chat -v 127.0.0.1 PORT", with: Self.more + peer, listens: true)
    func numbered(_ behaviour: Oracle.Behaviour) -> String {
      behaviour.description.replacing(/<user\d+>/, with: "<userN>")
    }
    #expect(numbered(ours) == numbered(original))
    #expect(ours.contains("bell\\\\007 del\\\\177"), "\(ours)")
  }

  // MARK: Commands

  static let commands: [(line: String, peer: String)] = [
    ("ncat 127.0.0.1 PORT -v -c 'echo hi; exit 4'", "return wait_end(c)"),
    ("ncat 127.0.0.1 PORT -e '/bin/echo a\\ b  \"c d\"'", "return wait_end(c)"),
    ("ncat 127.0.0.1 PORT -c 'env | grep ^NCAT | sort'", "return re.sub(rb'\\d{4,5}', b'N', drain(c))"),
    ("ncat -C 127.0.0.1 PORT -e '/bin/echo a'", "return wait_end(c)"),
  ]

  @Test(arguments: commands)
  func `a command runs for a connection, and its status is not that of the program`(
    line: String, peer: String
  ) async throws {
    let (original, ours) = try await oracle.run(line, with: peer)
    #expect(ours == original)
    #expect(ours.contains("status 0"), "\(ours)")
  }

  @Test func `a listener runs a command for everybody`() async throws {
    let line = "PROTO=kept ncat -lv PORT -c 'echo $PROTO; env | grep ^NCAT | sort; exit 3'"
    let (original, ours) = try await oracle.run(
      line, with: "return re.sub(rb'\\d{4,5}', b'N', drain(c))", listens: true)
    #expect(ours == original)
    #expect(ours.contains("NCAT_PROTO=TCP") && ours.contains("kept"), "\(ours)")
  }

  // MARK: Access

  static let access: [(options: String, isServed: Bool)] = [
    ("--allow 127.0.0.1", true), ("--allow 127.0.0.0/8", true), ("--allow 126-128.*.0.-5", true),
    ("--allow localhost", true), ("--allow 10.0.0.1,127.0.0.1", true), ("--deny 10.0.0.1", true),
    ("--allowfile <(printf '10.0.0.1 127.0.0.1\\n')", true), ("--allow 10.0.0.1", false),
    ("--deny 127.0.0-1.*", false), ("--deny localhost", false), ("--denyfile <(echo 127.0.0.1)", false),
  ]

  @Test(arguments: access)
  func `hosts are served or closed without a byte by the lists`(
    options: String, isServed: Bool
  ) async throws {
    let (original, ours) = try await oracle.run(
      "echo hi | timeout 2 ncat -lkv \(options) 127.0.0.1 PORT", with: "return c.recv(9)", listens: true)
    #expect(ours == original)
    #expect(ours.contains("peer [b'hi") == isServed, "\(ours)")
    #expect(ours.contains("New connection denied: not allowed") != isServed, "\(ours)")
  }

  @Test func `a client of a Unix socket is not in an allow list`() async throws {
    let line =
      "timeout 3 ncat -lUv --allow 127.0.0.1 s & until [ -S s ]; do sleep 0.1; done; echo hi | ncat -U s; kill $!"
    let (original, ours) = try await oracle.run(line, with: nil)
    #expect(original.contains("denied") && ours.contains("denied") && !ours.contains("hi"), "\(ours)")
  }

  @Test func `a check through a proxy says how it went`() async throws {
    for (answer, status) in [("200 OK", "status 0"), ("504 No", "status 1")] {
      let line = "ncat --proxy 127.0.0.1:PORT -vz host 80"
      let peer = "c.recv(999)\nc.sendall(b'HTTP/1.0 \(answer)\\r\\n\\r\\n')"
      let (original, ours) = try await oracle.run(line, with: peer)
      // One line more, which says who looks the name up.
      #expect(ours.description == original.description.replacing(/Ncat: Host host [^\n]*\n/, with: ""))
      #expect(ours.contains(status), "\(ours)")
    }
  }

  @Test func `a file that cannot be created is status 2 before anything is connected`() async throws {
    let (original, ours) = try await oracle.run("ncat -o /nonexist/x 127.0.0.1 1", with: nil)
    #expect(original.contains("status 2"), "\(original)")
    #expect(ours.contains("status 2") && ours.contains("/nonexist/x: No such file"), "\(ours)")
    let empty = try await oracle.run("ncat -o '' 127.0.0.1 1", with: nil).ours
    #expect(empty.contains("status 2") && !empty.contains("refused"), "\(empty)")
  }

  @Test func `a reader of the output that has gone is status 2`() async throws {
    let line = "(ncat 127.0.0.1 PORT; echo $? >&2) | head -c 1"
    let (original, ours) = try await oracle.run(line, with: "c.sendall(bytes(9000000))\nreturn wait_end(c)")
    #expect(original.contains("errors write: Broken pipe\n2"), "\(original)")
    #expect(ours.contains("errors Ncat: write: Broken pipe. QUITTING.\n2"), "\(ours)")
  }

  @Test func `a denied host stays out even if it is allowed`() async throws {
    let ours = try await oracle.run(
      "timeout 2 ncat -lkv --allow 127.0.0.1 --deny 127.0.0.0/8 127.0.0.1 PORT", with: "return c.recv(9)",
      listens: true
    ).ours
    #expect(ours.contains("denied") && ours.contains("peer [b'']"), "\(ours)")
  }

  @Test(arguments: ["--allow x", "--denyfile /nonexist", "--deny 1.2.3.4/33"])
  func `what names no host is refused`(options: String) async throws {
    let ours = try await oracle.run("ncat -l \(options) 127.0.0.1 0", with: nil).ours
    #expect(ours.contains("status 2") && ours.contains("QUITTING."), "\(ours)")
  }

  // MARK: TLS

  /// A line of the shell that makes a certificate for a name.
  private static func certificate(_ subject: String, _ extra: String = "") -> String {
    "openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out cert -subj /CN=\(subject) \(extra) 2> /dev/null; "
  }

  /// Python of a peer that is a server with that certificate.
  private static let secureServer = """
    import ssl
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(home + '/cert', home + '/key')
    c = context.wrap_socket(c, server_side=True)

    """

  static let verifications: [(certificate: String, line: String, status: Int)] = [
    (certificate("other"), "ncat --ssl 127.0.0.1 PORT", 0),
    (certificate("other"), "ncat --ssl-verify --ssl-trustfile cert localhost PORT", 2),
    (certificate("localhost"), "ncat --ssl-verify --ssl-trustfile cert localhost PORT", 0),
    (
      certificate("other", "-addext subjectAltName=DNS:localhost"),
      "ncat --ssl-verify --ssl-trustfile cert --ssl-servername localhost 127.0.0.1 PORT", 0
    ),
  ]

  @Test func `authorities are given to verify by`() async throws {
    let line =
      Self.certificate("localhost") + "mv cert own; mv key k; " + Self.certificate("localhost")
      + "echo secret | ncat --ssl --ssl-trustfile own localhost PORT"
    let (original, ours) = try await oracle.run(
      line,
      with: "try:\n" + Self.secureServer.split(separator: "\n").map { "  \($0)\n" }.joined()
        + "  return c.recv(9)\nexcept ssl.SSLError:\n  return 'refused'")
    #expect(original.contains("status 1") && ours.contains("status 1"), "\(ours)")
    #expect(!ours.contains("secret"), "\(ours)")
  }

  @Test(arguments: verifications)
  func `a server is verified only if that is asked for`(
    certificate: String, line: String, status: Int
  ) async throws {
    let (original, ours) = try await oracle.run(
      "\(certificate)echo hi | \(line)", with: Self.secureServer + "return drain(c)")
    #expect(ours.contains("status \(status)"), "\(ours)")
    #expect(original.contains("status \(status)"), "\(original)")
    if status == 2 {
      #expect(ours.contains("Ncat: Certificate verification error. QUITTING."), "\(ours)")
    } else {
      #expect(ours.contains("[b'hi\\n']"), "\(ours)")
    }
  }

  @Test func `an unknown authority is status 1, with the reason`() async throws {
    let (original, ours) = try await oracle.run(
      "\(Self.certificate("localhost"))echo hi | ncat --ssl-verify localhost PORT",
      with: Self.secureServer + "return c.recv(9)")
    #expect(original.contains("status 1"), "\(original)")
    #expect(
      ours.contains("status 1")
        && ours.contains(
          "Ncat: Certificate verification failed (the certificate is not signed by a trusted authority)."),
      "\(ours)")
  }

  @Test func `a listener makes a certificate, and takes any end for an end`() async throws {
    let peer = """
      import ssl
      context = ssl.create_default_context()
      context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
      secure = context.wrap_socket(c)
      pem = ssl.DER_cert_to_PEM_cert(secure.getpeercert(True))
      shown = subprocess.run(['openssl', 'x509', '-noout', '-text'], input=pem.encode(), capture_output=True)
      secure.sendall(b'hello')
      got = secure.recv(9)
      # An end that it has not read would make this a reset.
      end = secure.recv(9)
      os.close(secure.detach())
      return end, re.findall(rb'Public-Key: .*', shown.stdout), got
      """
    let (original, ours) = try await oracle.run(
      "(echo hi; sleep 1) | ncat -lv --ssl 127.0.0.1 PORT", with: peer, listens: true)
    #expect(ours == original)
    #expect(ours.contains("status 0") && ours.contains("(2048 bit)"), "\(ours)")
  }

  @Test func `the connection of TLS is reported with -v`() async throws {
    let (original, ours) = try await oracle.run(
      "\(Self.certificate("localhost"))echo hi | ncat -v --ssl 127.0.0.1 PORT",
      with: Self.secureServer + "return drain(c)")
    for line in [
      "Ncat: Subject: CN=localhost\n", "Ncat: Issuer: CN=localhost\n",
      "Ncat: SSL connection to 127.0.0.1:N.\n",
      "Ncat: SHA-1 fingerprint: F\n", "Ncat: 3 bytes sent, 0 bytes received in T seconds.\n",
    ] {
      #expect(original.contains(line), "\(original)")
      #expect(ours.contains(line), "\(ours)")
    }
  }

  // MARK: Proxies

  static let proxies: [(line: String, peer: String)] = [
    (
      "echo hi | ncat -n --proxy 127.0.0.1:PORT 192.0.2.1 5",
      "got = c.recv(999)\nc.sendall(b'HTTP/1.0 200 OK\\r\\n\\r\\nhello')\nreturn got.split(b'\\r\\n')[0][:22], drain(c)"
    ),
    (
      "ncat --proxy 127.0.0.1:PORT target.invalid 5",
      "c.recv(999)\nc.sendall(b'HTTP/1.0 504 Gateway Timeout\\r\\n\\r\\n')"
    ),
    (
      "echo hi | ncat --proxy-type socks5 --proxy 127.0.0.1:PORT 192.0.2.1 5",
      "c.recv(99)\nc.sendall(b'\\5\\0')\ngot = c.recv(99)\nc.sendall(b'\\5\\0\\0\\1\\0\\0\\0\\0\\0\\0hello')\nreturn got, drain(c)"
    ),
    (
      "echo hi | ncat --proxy-type socks4 --proxy-auth me --proxy 127.0.0.1:PORT 192.0.2.1 5",
      "got = c.recv(99)\nc.sendall(b'\\0\\x5a\\0\\0\\0\\0\\0\\0hello')\nreturn got, drain(c)"
    ),
    ("ncat --proxy 127.0.0.1:1 target.invalid", "return 0"), ("ncat --proxy nosuch.invalid h", "return 0"),
    ("ncat --proxy 127.0.0.1:x h", "return 0"),
  ]

  @Test(arguments: proxies)
  func `a client does the same through a proxy`(line: String, peer: String) async throws {
    let isMet = line.contains("PORT")
    let (original, ours) = try await oracle.run(line, with: isMet ? peer : nil)
    #expect(ours == original)
  }

  @Test(arguments: [
    (1, "general SOCKS server failure"), (2, "connection not allowed by ruleset"), (3, "Network unreachable"),
    (4, "Host unreachable"), (5, "Connection refused"), (6, "TTL expired"), (7, "Command not supported"),
    (8, "Address type not supported"),
  ])
  func `a refusal by SOCKS 5 is told in the words of the original`(code: Int, words: String) async throws {
    let peer =
      "c.recv(99)\nc.sendall(b'\\5\\0')\nc.recv(99)\nc.sendall(b'\\5\\x0\(code)\\0\\1\\0\\0\\0\\0\\0\\0')"
    let (original, ours) = try await oracle.run(
      "ncat --proxy-type socks5 --proxy 127.0.0.1:PORT 192.0.2.1 5", with: peer)
    #expect(ours == original)
    #expect(ours.contains("status 1"), "\(ours)")
  }

  @Test func `the user of a proxy may be in the environment`() async throws {
    let peer = "c.recv(99)\nc.sendall(b'\\5\\2')\ngot = c.recv(99)\nc.sendall(b'\\1\\1')\nreturn got"
    let (original, ours) = try await oracle.run(
      "NCAT_PROXY_AUTH=me:pw ncat --proxy-type socks5 --proxy 127.0.0.1:PORT 192.0.2.1 5", with: peer)
    #expect(ours == original)
    #expect(ours.contains("\\x02me\\x02pw"), "\(ours)")
  }

  // MARK: Newer releases

  @Test func `a client ends with its peer although its input goes on, unless it is told to keep open`()
    async throws
  {
    let line = "(trap '' PIPE; sleep 2; echo late 2> /dev/null; true) | ncat 127.0.0.1 PORT"
    let peer =
      "c.sendall(b'hello')\nc.shutdown(1)\nstart = time.time()\nreturn wait_end(c), time.time() - start < 1"
    let ended = try await oracle.run(line, with: peer).ours
    #expect(ended.contains("status 0") && ended.contains("b'hello'") && ended.contains("True"), "\(ended)")
    let kept = try await oracle.run(line + " -k", with: peer).ours
    #expect(kept.contains("status 0") && kept.contains("b'late\\n'") && kept.contains("False"), "\(kept)")
  }

  @Test func `with -q the end follows that of the input, with status 0`() async throws {
    let ours = try await oracle.run(
      "echo hi | ncat -q 500ms 127.0.0.1 PORT", with: "return wait_end(c), c.recv(9)"
    ).ours
    #expect(ours.contains("status 0") && ours.contains("b'hi\\n'"), "\(ours)")
  }

  @Test func `a closed standard input is an empty one, and what Telnet negotiates is no output`() async throws
  {
    let closed = try await oracle.run(
      "ncat 127.0.0.1 PORT <&-", with: "got = drain(c)\nc.sendall(b'hello')\nreturn got"
    ).ours
    #expect(closed.contains("status 0") && closed.contains("output b'hello'"), "\(closed)")
    // The end of the input half-closes the connection, after which no answer can follow.
    let line = "(echo hi; sleep 2) | ncat -t 127.0.0.1 PORT"
    let peer = """
      c.sendall(b'\\xff\\xfb\\x01x')
      got = b''
      while b'\\xff\\xfe\\x01' not in got and (part := c.recv(9)):
          got += part
      return b'\\xff\\xfe\\x01' in got
      """
    let (original, ours) = try await oracle.run(line, with: peer)
    #expect(original.contains("output b'\\xff"), "\(original)")
    #expect(ours.contains("True") && ours.contains("output b'x'"), "\(ours)")
  }

  @Test func `a reset is status 1`() async throws {
    let ours = try await oracle.run(
      "sleep 2 | ncat -lv 127.0.0.1 PORT", with: "c.sendall(b'x')\nshown(b'x')\nreset(c)", listens: true
    ).ours
    #expect(ours.contains("status 1") && ours.contains("Ncat: Connection reset by peer."), "\(ours)")
  }

  @Test func `output that cannot be written is status 2`() async throws {
    let ours = try await oracle.run("ncat 127.0.0.1 PORT > /dev/full", with: "c.sendall(b'hello')").ours
    #expect(ours.contains("status 2") && ours.contains("No space left on device"), "\(ours)")
  }
}
