// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// The message for a command line that was not understood.
@Suite(.takingTurns)
struct UsageAdviceTests {
  @Test(arguments: [
    ("conect 127.0.0.1 9", "no subcommand 'conect' (did you mean 'connect'?)"),
    ("127.0.0.1 9", "no subcommand '127.0.0.1' (did you mean 'sockkit connect 127.0.0.1 9'?)"),
    ("-lu 5000", "unknown option '-lu' (did you mean 'sockkit udp-recv 5000'?)"),
    ("help conect", "no subcommand 'conect' (did you mean 'connect'?)"),
    ("help nonsense", "no subcommand 'nonsense'"),
    ("lsten --help", "no subcommand 'lsten' (did you mean 'listen'?)"),
    ("help connect listen", "one word too many: 'listen' (help is about one subcommand)"),
    ("-v", "unknown option '-v' (did you mean '--version'?)"),
    ("help -l", "unknown option '-l'"),
    ("netcat -l 5000", "no subcommand 'netcat' (did you mean 'sockkit listen 5000'?)"),
  ])
  func `a subcommand is found`(line: String, message: String) async throws {
    let words = line.split(separator: " ").map(String.init)
    #expect(try await sockkit(words) == .usage(message, of: ""))
  }

  @Test func `help before or after a subcommand is about it`() async throws {
    #expect(try await sockkit("-h", "connect") == sockkit("connect", "-h"))
    #expect(try await sockkit("--help", "listen") == sockkit("help", "listen"))
    #expect(try await sockkit("listen", "help") == sockkit("help", "listen"))
  }

  /// Each line is wrong; the message quotes the intended command.
  private static let wrongLines = [
    "127.0.0.1 9", "-v 127.0.0.1 9", "127.0.0.1:9 -v", "tcp://127.0.0.1:9", "http://127.0.0.1:9/",
    "-zv 127.0.0.1 9",
    "udp://127.0.0.1:9", "-u 127.0.0.1 9", "0", "-l 0", "-lvnp 0", "-lk 0", "-lu 0", "netcat -l 0",
    "--listen 0 --udp",
    "-luk 0", "-e /bin/sh 127.0.0.1 9", "-lp 0 -e /bin/sh", "-lk -p 0 -c cat", "-lk -p 0 -X 5 -x a:1",
    "netcat -c cat 127.0.0.1 9", "-v connect 127.0.0.1 9",
    "TCP:127.0.0.1:9 -", "TCP-LISTEN:0,fork TCP:127.0.0.1:9", "TCP-LISTEN:0,fork EXEC:cat", "UDP-RECV:0 -",
    "TCP-LISTEN:0 SYSTEM:cat", "socat - UDP:127.0.0.1:9", "EXEC:cat TCP:127.0.0.1:9",
    "connect TCP:127.0.0.1:9", "listen TCP-LISTEN:0,fork EXEC:cat", "connect udp://127.0.0.1:9",
    "udp-send tcp://127.0.0.1:9 x", "forward TCP-LISTEN:0 TCP:127.0.0.1:9", "forward 0:127.0.0.1:9",
    "forward -L 0:127.0.0.1:9", "connect 127.0.0.1 9 ls -l", "listen 0 ls -l", "listen -k 0 ls --all",
    "https://127.0.0.1:9", "--ssl 127.0.0.1 9", "-l 0 --ssl", "OPENSSL:127.0.0.1:9 -",
    "OPENSSL-LISTEN:0,fork -",
    "TCP-LISTEN:0,fork OPENSSL:127.0.0.1:9", "OPENSSL-LISTEN:0 TCP:127.0.0.1:9", "listen tls://127.0.0.1:0",
  ]

  @Test(arguments: wrongLines)
  func `what is suggested is no usage error itself`(line: String) async throws {
    let result = try await sockkit(line.split(separator: " ").map(String.init))
    #expect(result.ending == .exit(64))
    let suggestion = try #require(result.errorLines.first?.firstMatch(of: /'sockkit (?<words>[^']+)'/)?.words)
    var words = suggestion.split(separator: " ").map(String.init)
    // An unwritable port file ends a command that would wait for clients.
    if ["listen", "udp-recv", "forward"].contains(words[0]) {
      words.insert(contentsOf: ["--port-file", "/nonexistent/port"], at: 1)
    }
    let suggested = try await sockkit(words)
    // The port is missing if not every option could be shown.
    #expect(suggested.ending != .exit(64) || words.count == 3, "\(suggested)")
  }

  @Test(arguments: [
    ("connect -l 9", "unknown option '-l' (to listen, use 'sockkit listen')"),
    ("connect -help", "unknown option '-help' (did you mean '--help'?)"),
    ("connect -listen 9", "unknown option '-listen' (did you mean 'sockkit listen'?)"),
    ("connect --sweep a 9", "unknown option '--sweep' (it is an option of 'buffers')"),
    ("connect -T ef 127.0.0.1 9", "unknown option '-T' (to set the type of service, use '--dscp NAME')"),
    ("udp-send --ssl-cert a a 9 x", "unknown option '--ssl-cert' (did you mean '--tls-cert'?)"),
  ])
  func `an option is found or explained`(line: String, message: String) async throws {
    let words = line.split(separator: " ").map(String.init)
    #expect(try await sockkit(words) == .usage(message, of: words[0]))
  }

  @Test(arguments: [
    ("connect localhost 80 cat", "one word too many: 'cat' (a command goes after '--')"),
    ("connect localhost:80 cat -v", "one word too many: 'cat' (a command goes after '--')"),
    ("connect localhost 80 echo hello", "2 words too many: 'echo', 'hello' (a command goes after '--')"),
    (
      "connect localhost 80 ls -l",
      "unknown option '-l' (a command goes after '--': 'sockkit connect localhost 80 -- ls -l')"
    ),
    (
      "connect tcp://a:80",
      "'tcp://a:80' is a URL: expected HOST PORT or HOST:PORT (did you mean 'sockkit connect a 80'?)"
    ),
    (
      "udp-send tcp://a:1 x",
      "'tcp://a:1' is a URL: expected HOST PORT or HOST:PORT (did you mean 'sockkit connect a 1'?)"
    ),
    (
      "forward TCP-LISTEN:8080 TCP:a:80",
      "'TCP-LISTEN:8080' is an address of socat (use 'sockkit forward 8080 a:80')"
    ),
    ("forward 8080:a:80", "'8080:a:80' is a forwarding of ssh (use 'sockkit forward 8080 a:80')"),
    ("forward -L 8080:a:80", "unknown option '-L' (use 'sockkit forward 8080 a:80')"),
    ("forward --nosuch 8080", "unknown option '--nosuch'"),
    ("completion --nosuch", "unknown option '--nosuch'"),
    ("completion", "no shell given: expected bash, zsh or fish"),
    ("forward", "no addresses given: expected LISTEN TARGET, such as 8080 localhost:80"),
    (
      "forward 8080",
      "no target given: expected HOST:PORT, HOST PORT, unix:PATH or vsock:CID:PORT after '8080'"
    ),
    ("forward 8080 localhost 80 81", "one word too many: '81'"),
    ("forward 8080 localhost:80 81", "one word too many: '81'"),
    ("forward localhost 8080 localhost 80 81", "one word too many: '81'"),
    (
      "connect localhost -p 80",
      "'localhost' is only one word: expected HOST PORT or HOST:PORT (-p 80 is the local port, and the other is an "
        + "argument: localhost 80)"
    ),
    ("udp-send -w 1 a 9 x", "-w has no effect without --proxy (to wait for replies, use '-W DURATION')"),
    (
      "http-server /usr", "'/usr' is a directory (it goes after the port: 'sockkit http-server 8080 /usr')"
    ),
    (
      "http-server /usr 80",
      "'/usr' is a directory (it goes after the port: 'sockkit http-server 80 /usr')"
    ),
    ("http-server . -p 81", "'.' is a directory (it goes after the port: 'sockkit http-server 81 .')"),
    (
      "http-server 8080 /etc/hosts",
      "'/etc/hosts' is a file, not a directory (to serve it, use '--file /etc/hosts')"
    ),
    ("connect localhost: 80", "'localhost:' has no port"),
    ("listen 5000 cat", "one word too many: 'cat' (a command goes after '--')"),
    ("listen 127.0.0.1:5000 cat", "one word too many: 'cat' (a command goes after '--')"),
    ("listen 127.0.0.1 5000 cat", "one word too many: 'cat' (a command goes after '--')"),
    ("udp-recv 127.0.0.1 5000 cat", "one word too many: 'cat'"),
    ("echo-server 5000 cat", "one word too many: 'cat'"),
    ("listen localhost", "'localhost' is not a port: expected PORT, HOST PORT or HOST:PORT"),
    ("listen www.example.com", "'www.example.com' is not a port: expected PORT, HOST PORT or HOST:PORT"),
    ("udp-recv localhost", "'localhost' is not a port: expected PORT, HOST PORT or HOST:PORT"),
    ("listen *", "'*' is not a port: expected PORT, HOST PORT or HOST:PORT"),
    ("listen 127.0.0.1 -p 5000 cat", "one word too many: 'cat' (a command goes after '--')"),
    ("connect * 80", "'*' is every interface to listen on, and not a host to connect to"),
    ("resolve http://localhost", "'http://localhost' is a URL: expected the name of a host"),
    (
      "resolve localhost:80",
      "'localhost:80' has a port: expected the name of a host (to add a port, use '--service PORT')"
    ),
    (
      "connect --port 80 localhost",
      "unknown option '--port' (the address is an argument: HOST PORT)"
    ),
    (
      "getserv --udp 53",
      "unknown option '--udp' (the protocol is the second word: 'sockkit getserv SERVICE udp')"
    ),
    ("listen 127.0.0.1", "'127.0.0.1' is an address without a port: expected PORT, HOST PORT or HOST:PORT"),
    ("listen -p 5000 5001", "two ports are given: '5001' and 5000 (-p or -s)"),
    (
      "connect TCP:localhost:80",
      "'TCP:localhost:80' is an address of socat (use 'sockkit connect localhost 80')"
    ),
    (
      "listen TCP-LISTEN:80,fork",
      "'TCP-LISTEN:80,fork' is an address of socat (use 'sockkit listen -k 80')"
    ),
    (
      "udp-send UDP:localhost:53 x",
      "'UDP:localhost:53' is an address of socat (use 'sockkit udp-send localhost 53')"
    ),
    (
      "connect -s 127.0.0.1:5 -p 6 127.0.0.1 9",
      "-s 127.0.0.1:5: -p 6 repeats the port; expected ADDR or ADDR:PORT"
    ),
    ("connect -s lo 127.0.0.1 9", "-s lo: this is an interface (use '--interface lo')"),
    (
      "resolve -x 127.0.0.1",
      "unknown option '-x' (to look up an address in reverse, use 'sockkit resolve ADDRESS')"
    ),
    ("getserv http tcp udp", "one word too many: 'udp'"), ("connect --json=yes a 1", "--json takes no value"),
  ])
  func `words that are out of place are named, and what to type is said`(line: String, message: String)
    async throws
  {
    let words = line.split(separator: " ").map(String.init)
    #expect(try await sockkit(words) == .usage(message, of: words[0]))
  }

  @Test func `a failed look-up names the option that asked for it`() async throws {
    #expect(
      try await sockkit("connect", "-p", "x y", "127.0.0.1", "9")
        == Finished(.exit(68), errors: "sockkit: -p: look up service x y: unknown service\n"))
    #expect(
      try await sockkit("connect", "-s", "nosuch.invalid", "127.0.0.1", "9")
        == Finished(.exit(68), errors: "sockkit: -s: look up nosuch.invalid: Name or service not known\n"))
    #expect(
      try await sockkit("connect", "-s", "127.0.0.1", "[::1]:2006")
        == Finished(
          .exit(68), errors: "sockkit: connect to [::1]:2006 from 127.0.0.1: 127.0.0.1 is IPv4, ::1 is IPv6\n"
        ))
  }

  @Test func `a proxy of nc is not taken for a file, and not passed over in silence`() async throws {
    #expect(
      try await sockkit("connect", "-x", "proxy:1080", "127.0.0.1", "9")
        == .usage(
          "-x writes a hex dump; for a proxy, use '--proxy URL' (if proxy:1080 is a file, use './proxy:1080')",
          of: "connect"))
  }

  @Test func `flags may be joined with an option and its value`() async throws {
    let port = SilentPort()
    let result = try await sockkit("connect", "-zvw1", "127.0.0.1", "\(port.number)")
    #expect(result.ending == .exit(69))
    #expect(result.errors.hasPrefix("sockkit: 127.0.0.1:\(port.number): closed after "), "\(result)")
    let joined = try await sockkit("listen", "-vw0.1", "127.0.0.1:0")
    #expect(joined.ending == .exit(75), "\(joined)")
  }
}
