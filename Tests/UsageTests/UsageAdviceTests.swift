// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import Usage

struct UsageAdviceTests {
  private static let commands = [
    KnownCommand("", options: ["--version", "-h", "--help"]),
    KnownCommand(
      "connect",
      options: [
        "-4", "-v", "--verbose", "-z", "--check", "-w", "--connect-timeout", "-q", "-h", "--help",
        "--recv-only",
        "--send-only", "--ttl", "--receive-buffer", "-s", "--source", "-p", "--dscp", "--sh-exec", "-U",
        "--tls", "--tls-pin", "--tls-ca", "--tls-cert", "--tls-key", "--tls-name", "--proxy",
        "--proxy-auth-file", "--min-ttl", "--md5-key", "--debug-socket", "--trace",
      ],
      withValues: [
        "-w", "--connect-timeout", "-q", "-s", "-p", "--sh-exec", "-U", "--tls-pin", "--tls-ca", "--tls-cert",
        "--tls-key", "--tls-name", "--proxy", "--proxy-auth-file",
      ]),
    KnownCommand(
      "listen",
      options: [
        "--sh-exec", "--send-buffer", "--allow-file", "-v", "-k", "--keep-open", "--port-file", "-p", "-h",
        "--help", "-n", "--tls", "--tls-self-signed", "--tls-cert", "--tls-key",
      ], withValues: ["--sh-exec", "-p", "--port-file", "--tls-cert", "--tls-key"]),
    KnownCommand("forward", options: ["-v", "-w", "--tls", "--tls-target"], withValues: ["-w"]),
    KnownCommand("udp-send", options: ["-v", "--broadcast", "-c", "-W", "--tls"]),
    KnownCommand("udp-recv", options: ["-v", "--port-file", "-c", "--timeout", "--tls", "--tls-cert"]),
    KnownCommand("resolve", options: ["--short", "--json"]),
    KnownCommand("echo-server", options: ["--port-file", "--udp"]),
    KnownCommand("http-server", options: ["--port-file", "--list"]),
    KnownCommand("proxy", options: ["--port-file", "--auth-file"]),
  ]

  private static func message(_ problem: String, _ line: String) -> String {
    UsageAdvice.message(for: problem, words: line.split(separator: " ").map(String.init)) { commands }
  }

  private static func unknown(_ option: String, _ line: String) -> String {
    let message = message("Unknown option '\(option)'. Did you mean '--sun'?\n   or: no", line)
    let start = "unknown option '\(option)'"
    #expect(message.hasPrefix(start), "\(message)")
    let rest = message.dropFirst(start.count)
    #expect(rest.isEmpty || rest.hasPrefix(" (") && rest.hasSuffix(")"), "\(message)")
    return String(rest.dropFirst(2).dropLast())
  }

  @Test(arguments: [
    ("conect 127.0.0.1 9", "did you mean 'connect'?"), ("lisetn 5000", "did you mean 'listen'?"),
    ("resolv a", "did you mean 'resolve'?"), ("udpsend", "did you mean 'udp-send'?"),
    ("udp_recv", "did you mean 'udp-recv'?"), ("udp", "did you mean 'udp-recv' or 'udp-send'?"),
    ("echo", "did you mean 'echo-server'?"), ("Connect a 1", "did you mean 'connect'?"),
    ("127.0.0.1 9", "did you mean 'sockkit connect 127.0.0.1 9'?"),
    ("localhost:9", "did you mean 'sockkit connect localhost:9'?"),
    ("[::1]:9", "did you mean 'sockkit connect [::1]:9'?"),
    ("server 22", "did you mean 'sockkit connect server 22'?"),
    ("unix:/run/x", "did you mean 'sockkit connect unix:/run/x'?"),
    ("5000", "did you mean 'sockkit listen 5000'?"),
    ("a.b 1 $x", "did you mean 'sockkit connect'?"),
    (
      "TCP-LISTEN:5000,fork -",
      "where socat has addresses, sockkit has subcommands: 'sockkit listen -k 5000'"
    ),
    ("TCP4:a:1 -", "where socat has addresses, sockkit has subcommands: 'sockkit connect a 1'"),
    ("UDP-RECV:1 -", "where socat has addresses, sockkit has subcommands: 'sockkit udp-recv 1'"),
    ("udp-sendto:a:1 -", "where socat has addresses, sockkit has subcommands: 'sockkit udp-send a 1'"),
    ("LISTEN 5000", "did you mean 'listen'?"),
    ("- TCP:a:1", "where socat has addresses, sockkit has subcommands: 'sockkit connect a 1'"),
    (
      "TCP-LISTEN:5000,fork TCP:server:80",
      "where socat has addresses, sockkit has subcommands: 'sockkit forward 5000 server:80'"
    ),
    (
      "TCP-LISTEN:5000,fork EXEC:cat",
      "where socat has addresses, sockkit has subcommands: 'sockkit listen -k 5000 -- cat'"
    ),
    (
      "TCP-LISTEN:5000 SYSTEM:date",
      "where socat has addresses, sockkit has subcommands: 'sockkit listen 5000 --sh-exec date'"
    ),
    (
      "EXEC:cat TCP:a:1",
      "where socat has addresses, sockkit has subcommands: 'sockkit connect a 1 -- cat'"
    ),
    (
      "OPENSSL:a:443 -", "where socat has addresses, sockkit has subcommands: 'sockkit connect --tls a 443'"
    ),
    (
      "TCP-LISTEN:80,fork OPENSSL:a:443",
      "where socat has addresses, sockkit has subcommands: 'sockkit forward --tls-target 80 a:443'"
    ),
    (
      "OPENSSL-LISTEN:443,cert=a.pem,key=a.key,fork EXEC:cat",
      "where socat has addresses, sockkit has subcommands: "
        + "'sockkit listen -k --tls --tls-cert a.pem --tls-key a.key 443 -- cat'"
    ),
    (
      "OPENSSL-DTLS-CLIENT:a:443 -",
      "where socat has addresses, sockkit has subcommands: 'sockkit udp-send --tls a 443'"
    ),
    (
      "OPENSSL-DTLS-LISTEN:443,cert=a.pem -",
      "where socat has addresses, sockkit has subcommands: 'sockkit udp-recv --tls --tls-cert a.pem 443'"
    ),
    ("lsten -k 5000", "did you mean 'listen'?"),
    ("tcp://a:1", "did you mean 'sockkit connect a 1'?"),
    ("udp://a:1", "did you mean 'sockkit udp-send a 1'?"),
    ("https://a/", "did you mean 'sockkit connect --tls a 443'?"),
    ("tls://a:1", "did you mean 'sockkit connect --tls a 1'?"),
    ("http://a/index.html", "did you mean 'sockkit connect a http'?"),
    ("version", "did you mean '--version'?"),
    ("serve 8080", "did you mean 'http-server'?"),
    ("scan a 1-10", "did you mean 'connect -z'?"),
    ("netcat a 1", "did you mean 'sockkit connect a 1'?"),
    ("socat - TCP:a:1", "where socat has addresses, sockkit has subcommands: 'sockkit connect a 1'"),
    ("UNIX-LISTEN:/x -", "where socat has addresses, sockkit has subcommands: 'sockkit listen unix:/x'"),
  ])
  func `what is no subcommand is told what it may have been`(line: String, advice: String) {
    let word = line.prefix { $0 != " " }
    #expect(Self.message("2 unexpected arguments: 'x', 'y'", line) == "no subcommand '\(word)' (\(advice))")
  }

  @Test(arguments: ["foo bar", "x", "nothing like it"])
  func `what resembles nothing gets no advice`(line: String) {
    let word = line.prefix { $0 != " " }
    #expect(Self.message("Unexpected argument '\(word)'", line) == "no subcommand '\(word)'")
  }

  @Test func `the name of another program is not taken for a host`() {
    #expect(
      Self.message("Unknown option '-l'", "netcat -l 5000")
        == "no subcommand 'netcat' (did you mean 'sockkit listen 5000'?)")
    #expect(Self.message("Unexpected argument 'nc'", "nc") == "no subcommand 'nc'")
  }

  @Test(arguments: [
    ("-l", "-l 5000", "did you mean 'sockkit listen 5000'?"),
    ("-lvnp", "-lvnp 5000", "did you mean 'sockkit listen -vnp 5000'?"),
    ("-lk", "-lk 5000", "did you mean 'sockkit listen -k 5000'?"),
    ("-lu", "-lu 5000", "did you mean 'sockkit udp-recv 5000'?"),
    ("-u", "-u 127.0.0.1 9", "did you mean 'sockkit udp-send 127.0.0.1 9'?"),
    ("-zv", "-zv a 9", "did you mean 'sockkit connect -zv a 9'?"),
    ("--listen", "--listen 9 --udp", "did you mean 'sockkit udp-recv 9'?"),
    ("-v", "-v connect a 9", "did you mean 'sockkit connect -v a 9'?"),
    ("-version", "-version", "did you mean '--version'?"), ("-V", "-V", "did you mean '--version'?"),
    ("--verison", "--verison", "did you mean '--version'?"),
    ("-vv", "-vv", ""), ("-v", "-v", "did you mean '--version'?"),
    ("-l", "-l", "did you mean 'sockkit listen'?"), ("-l", "help -l", ""),
    ("-e", "-e /bin/sh a 9", "did you mean 'sockkit connect a 9 -- /bin/sh'?"),
    ("-lp", "-lp 9 -e /bin/sh", "did you mean 'sockkit listen -p 9 -- /bin/sh'?"),
    ("-lk", "-lk -p 9 -c cat", "did you mean 'sockkit listen -k -p 9 --sh-exec cat'?"),
    ("-X", "-X 5 -x p:1 a 9", "did you mean 'sockkit connect'?"),
    ("-lq", "-lq 5 9", "did you mean 'sockkit listen'?"),
    ("--ssl", "--ssl a 9", "did you mean 'sockkit connect --tls a 9'?"),
    ("--ssl-verify", "--ssl-verify -v a 9", "did you mean 'sockkit connect -v a 9'?"),
    ("-l", "-l 9 --ssl", "did you mean 'sockkit listen --tls --tls-self-signed 9'?"),
    (
      "-l", "-l 9 --ssl-cert a.pem --ssl-key a.key",
      "did you mean 'sockkit listen --tls 9 --tls-cert a.pem --tls-key a.key'?"
    ),
  ])
  func `options without a subcommand are read as those of nc`(option: String, line: String, advice: String) {
    #expect(Self.unknown(option, line) == advice)
  }

  @Test(arguments: [
    ("--verbos", "connect --verbos a 9", "did you mean '--verbose'?"),
    ("--recv_only", "connect --recv_only a 9", "did you mean '--recv-only'?"),
    ("--recieve-buffer", "connect --recieve-buffer 1 a 9", "did you mean '--receive-buffer'?"),
    ("--connect", "connect --connect 1 a 9", "did you mean '--connect-timeout'?"),
    ("-help", "connect -help", "did you mean '--help'?"),
    ("-r", "connect -recv-only a 9", "did you mean '--recv-only'?"),
    ("-listen", "connect -listen 9", "did you mean 'sockkit listen'?"),
    (
      "--port-file", "connect --port-file x a 9",
      "it is an option of 'listen', 'udp-recv', 'echo-server' and others"
    ),
    ("--short", "connect --short a 9", "it is an option of 'resolve'"),
    ("--list", "resolve --list a", "it is an option of 'http-server'"),
    ("-l", "connect a 9 ls -l", "a command goes after '--': 'sockkit connect a 9 -- ls -l'"),
    ("-l", "connect -w 5 a:9 ls -la /", "a command goes after '--': 'sockkit connect -w 5 a:9 -- ls -la /'"),
    ("-l", "connect -U /x ls -l", "a command goes after '--': 'sockkit connect -U /x -- ls -l'"),
    ("-l", "listen 9 ls -l", "a command goes after '--': 'sockkit listen 9 -- ls -l'"),
    ("--all", "listen a 9 ls --all", "a command goes after '--': 'sockkit listen a 9 -- ls --all'"),
    ("-l", "listen -p 9 a ls -l $x", "a command goes after '--'"),
    ("-l", "listen 9 -l", "it listens without -l"),
    ("-L", "forward -L 8080:a:80", "use 'sockkit forward 8080 a:80'"),
    ("-L", "forward -L x", ""),
    ("--tls", "resolve --tls a", "it is an option of 'connect', 'listen', 'forward' and others"),
    ("--xyz", "connect --xyz a 9", ""), ("-y", "connect -y a 9", ""),
  ])
  func `a mistyped option, or another subcommand's, is recognized`(
    option: String, line: String, advice: String
  ) {
    #expect(Self.unknown(option, line) == advice)
  }

  @Test func `resolve and getserv say how they are asked`() {
    let known = [
      KnownCommand("resolve", options: []), KnownCommand("getserv", options: []),
      KnownCommand("connect", options: ["-x"]),
    ]
    #expect(
      UsageAdvice.message(for: "Unknown option '-x'", words: ["resolve", "-x", "127.0.0.1"]) { known }
        == "unknown option '-x' (to look up an address in reverse, use 'sockkit resolve ADDRESS')"
    )
    #expect(
      UsageAdvice.message(for: "Unknown option '-p'", words: ["getserv", "-p", "tcp", "80"]) { known }
        == "unknown option '-p' (the protocol is the second word: 'sockkit getserv SERVICE udp')")
  }

  @Test(arguments: [
    ("-l", "connect", "to listen, use 'sockkit listen'"),
    ("-l", "listen", "it listens without -l"),
    ("-l", "udp-send", "to receive, use 'sockkit udp-recv'"),
    ("-l", "echo-server", "it listens without -l"),
    ("-lv", "connect", "-l: to listen, use 'sockkit listen'"),
    ("-vu", "connect", "-u: for UDP, use 'sockkit udp-send' or 'sockkit udp-recv'"),
    ("-u", "listen", "for UDP, use 'sockkit udp-recv' or 'sockkit udp-send'"),
    ("-u", "udp-recv", "it speaks UDP without -u"),
    (
      "-e", "listen",
      "to run a program, use '-- COMMAND ARG...' after the address; for a shell, '--sh-exec COMMAND'"
    ),
    (
      "--exec", "connect",
      "to run a program, use '-- COMMAND ARG...' after the address; for a shell, '--sh-exec COMMAND'"
    ),
    ("-c", "connect", "to run a shell command, use '--sh-exec COMMAND'; for TLS, '--tls'"),
    ("-c", "forward", "for TLS, use '--tls' or '--tls-target'"),
    ("-H", "connect", "to accept only one key or certificate, use '--tls-pin PIN'"),
    ("-K", "listen", "for the key of a certificate, use '--tls-key FILE'"),
    ("-R", "connect", "to trust other authorities, use '--tls-ca FILE'"),
    ("--ssl-verify", "connect", "servers are verified without --ssl-verify"),
    ("--ssl-trustfile", "connect", "did you mean '--tls-ca'?"),
    ("--ssl-verify", "udp-send", "servers are verified without --ssl-verify"),
    ("-k", "connect", "to keep listening, use 'sockkit listen -k'"),
    ("-k", "udp-recv", "it goes on without -k"),
    ("-b", "connect", "to broadcast, use 'sockkit udp-send --broadcast'"),
    ("-d", "connect", "to ignore standard input, use '--recv-only'"),
    ("-I", "connect", "to set the receive buffer, use '--receive-buffer SIZE'"),
    ("-O", "listen", "to set the send buffer, use '--send-buffer SIZE'"),
    ("-M", "connect", "to set the time to live of packets, use '--ttl N'"),
    ("-T", "connect", "to set the type of service, use '--dscp NAME'"),
    ("-G", "connect", "to limit the time to connect, use '-w DURATION'; source routes are not supported"),
    ("-X", "connect", "the type of a proxy is part of its URL: '--proxy socks5://HOST:PORT'"),
    ("--proxy-type", "connect", "the type of a proxy is part of its URL: '--proxy socks5://HOST:PORT'"),
    ("--proxy-auth", "connect", "for the user and the password of a proxy, use '--proxy-auth-file FILE'"),
    ("--proxy-type", "listen", "to be a proxy, use 'sockkit proxy PORT'"),
    ("--proxy-auth", "proxy", "to require a user and a password, use '--auth-file FILE'"),
    ("--ssl-cert", "listen", "did you mean '--tls-cert'?"),
    ("--allowfile", "listen", "to allow the networks in a file, use '--allow-file FILE'"),
    ("-r", "connect", "the kernel chooses the local port at random unless '-p PORT' is given"),
    ("-W", "connect", "to stop after some datagrams, use 'sockkit udp-recv -c N'"),
    ("-w", "udp-recv", "to limit the time, use '--timeout DURATION'; to stop after N datagrams, '-c N'"),
    ("-Z", "connect", "DCCP is not supported"),
    ("-S", "connect", "for TCP MD5 signatures, use '--md5-key FILE'"),
    ("-S", "udp-send", "TCP MD5 signatures are for connections"),
    ("-m", "connect", "to drop packets with a smaller time to live, use '--min-ttl N'"),
    ("-D", "connect", "to turn on debugging in the kernel, use '--debug-socket'"),
  ])
  func `an option of nc is told what there is in its place`(option: String, command: String, advice: String) {
    #expect(Self.unknown(option, "\(command) \(option) x 9") == advice)
  }

  @Test func `nothing is advised that there is not`() {
    let few = [
      KnownCommand("connect", options: ["-v"]),
      KnownCommand("listen", options: ["--sh-exec", "--send-buffer", "--allow-file", "-v"]),
    ]
    for option in ["-e", "-c", "-k", "-b", "--output"] {
      #expect(
        UsageAdvice.message(for: "Unknown option '\(option)'", words: ["connect", option]) { few }
          == "unknown option '\(option)'")
    }
  }

  @Test func `a value is explained where nc has the option for something else`() {
    #expect(
      Self.message("The value 'a' is invalid for '-d <duration>': expected a duration", "connect -d a 9")
        == "invalid value 'a' for -d: expected a duration (to ignore standard input, use '--recv-only')")
    #expect(
      Self.message("The value '-1' is invalid for '-q <duration>': expected a duration", "connect -q -1 a 9")
        == "invalid value '-1' for -q: expected a duration (without -q it waits without a limit)")
  }

  @Test(arguments: [
    ("Missing value for '-w'", "-w needs a value"),
    ("Missing value for '--log-format <text|json>'", "--log-format needs a value"),
    ("The value 'x' is invalid for '-w <duration>': expected y", "invalid value 'x' for -w: expected y"),
    (
      "The value 'it's\n' is invalid for '<service>': expected y",
      "invalid value 'it's\n' for SERVICE: expected y"
    ),
    (
      "The value 'x' is invalid for '--log-format <text|json>'. Please provide one of 'text' and 'json'.",
      "invalid value 'x' for --log-format: expected 'text' or 'json'"
    ),
    (
      "The value 'x' is invalid for '--model <m>'. Please provide one of 'fork', 'thread' or 'event'.",
      "invalid value 'x' for --model: expected 'fork', 'thread' or 'event'"
    ),
    ("The option '--json' does not take any value, but '3' was specified.", "--json takes no value"),
    ("Unexpected argument 'x'", "one word too many: 'x'"),
    ("2 unexpected arguments: 'x', 'y'", "2 words too many: 'x', 'y'"),
    ("Missing expected argument '<target>'", "TARGET is missing"),
    ("no command after '--'", "no command after '--'"),
  ])
  func `the parser's messages have the form of the program's own`(problem: String, message: String) {
    #expect(Self.message(problem, "resolve x") == message)
  }

  @Test func `the subcommands are not asked for where they do not matter`() {
    let message = UsageAdvice.message(for: "Missing value for '-w'", words: ["connect"]) {
      Issue.record("the help texts take their time")
      return []
    }
    #expect(message == "-w needs a value")
  }

  @Test(arguments: [
    ("TCP:localhost:80", "use 'sockkit connect localhost 80'"),
    ("tcp4:a:http", "use 'sockkit connect a http'"),
    ("TCP:[::1]:80", "use 'sockkit connect [::1]:80'"),
    ("TCP-CONNECT:a:80", "use 'sockkit connect a 80'"),
    ("TCP6-LISTEN:80,reuseaddr", "use 'sockkit listen 80'"),
    ("TCP-LISTEN:80,reuseaddr,fork", "use 'sockkit listen -k 80'"),
    ("UDP:a:53", "use 'sockkit udp-send a 53'"), ("UDP4-RECVFROM:53,fork", "use 'sockkit udp-recv 53'"),
    ("UDP-LISTEN:53", "use 'sockkit udp-recv 53'"),
    ("UNIX-CONNECT:/run/x", "use 'sockkit connect unix:/run/x'"),
    ("UNIX-SENDTO:/dev/log", "use 'sockkit udp-send unix:/dev/log'"),
    ("ABSTRACT-LISTEN:x", "use 'sockkit listen unix:@x'"),
    ("EXEC:cat", "a command goes after '--': '-- cat'"),
    ("SYSTEM:cat", "to run a shell command, use '--sh-exec COMMAND'"),
    ("FILE:x", "a file is redirected: '< FILE' or '> FILE'"),
    ("-", "standard input and output are used without being named"),
    ("STDIO", "standard input and output are used without being named"),
    ("OPENSSL:a:443", "use 'sockkit connect --tls a 443'"),
    (
      "OPENSSL:a:443,cafile=a.pem,cert=b.pem",
      "use 'sockkit connect --tls --tls-ca a.pem --tls-cert b.pem a 443'"
    ),
    ("SSL-L:443", "use 'sockkit listen --tls --tls-self-signed 443'"),
    (
      "OPENSSL-LISTEN:443,cert=a.pem,cafile=b.pem",
      "use 'sockkit listen --tls --tls-cert a.pem --tls-client-ca b.pem 443'"
    ),
  ])
  func `the spellings of socat are recognized`(word: String, advice: String) {
    #expect(ForeignSpelling.socatProblem(in: [word]) == "'\(word)' is an address of socat (\(advice))")
  }

  @Test(arguments: [
    ("8080:a:80", "'8080:a:80' is a forwarding of ssh (use 'sockkit forward 8080 a:80')"),
    (
      "127.0.0.1:8080:[::1]:80",
      "'127.0.0.1:8080:[::1]:80' is a forwarding of ssh (use 'sockkit forward 127.0.0.1:8080 [::1]:80')"
    ),
    ("TCP-LISTEN:1 TCP:a:2", "'TCP-LISTEN:1' is an address of socat (use 'sockkit forward 1 a:2')"),
    ("1 UNIX:/x", "'UNIX:/x' is an address of socat (use 'sockkit forward 1 unix:/x')"),
    (
      "1 OPENSSL:a:2",
      "'OPENSSL:a:2' is an address of socat (use 'sockkit forward --tls-target 1 a:2')"
    ),
    ("8080 a:80", nil), ("8080 [::1]:80", nil), ("[::1]:80 a 80", nil), ("::1 80 a 80", nil),
    ("2001:db8::1 80 a:1", nil),
  ])
  func `what socat and ssh forward is recognized`(line: String, problem: String?) {
    #expect(ForeignSpelling.forwardProblem(in: line.split(separator: " ").map(String.init)) == problem)
  }

  @Test(arguments: [
    ("tcp://a:80", "connect", "connect a 80"), ("TCP://a:80", "listen", "listen a 80"),
    ("tcp://*:80", "listen", "listen 80"), ("udp://a:53", "connect", "udp-send a 53"),
    ("udp://:53", "listen", "udp-recv 53"), ("udp://a:53", "udp-send", "udp-send a 53"),
    ("tcp://a:1", "udp-send", "connect a 1"), ("tcp://a:1", "udp-recv", "listen a 1"),
    ("http://u:p@a:9/x:y", "connect", "connect a 9"), ("ssh://a", "connect", "connect a ssh"),
    ("http://[::1]:9/", "connect", "connect [::1] 9"), ("tcp://a", "connect", nil),
    ("http://", "connect", nil),
    ("a:80", "connect", nil), ("tcp://a:80", "calc", "calc a 80"),
    ("https://a", "connect", "connect --tls a 443"), ("https://a:8443/x", "connect", "connect --tls a 8443"),
    ("wss://a", "udp-send", "connect --tls a 443"), ("tls://a", "connect", nil),
    ("tls://*:1", "listen", "listen --tls --tls-self-signed 1"),
    ("tls://a:1", "udp-recv", "listen --tls --tls-self-signed a 1"),
  ])
  func `a URL is told which words name its place`(word: String, subcommand: String, line: String?) {
    #expect(
      ForeignSpelling.urlAdvice(on: [word], in: subcommand) == line.map { "did you mean 'sockkit \($0)'?" })
    #expect(ForeignSpelling.socatProblem(in: [word]) == nil)
  }

  @Test(arguments: [
    "tcp:80", "udp:53", "exec:8080", "localhost:80", "unix:/x", "tcp", "tcpserver:http", "[::1]:80", "::1",
    "stdio",
  ])
  func `what may be a host is no spelling of socat`(word: String) {
    #expect(ForeignSpelling.socatProblem(in: [word]) == nil)
  }

  @Test func `two words of socat are one command line`() {
    #expect(
      ForeignSpelling.socatProblem(in: ["TCP-LISTEN:1,fork", "EXEC:cat -u"])
        == "'TCP-LISTEN:1,fork' is an address of socat (use 'sockkit listen -k 1 -- cat -u')")
    #expect(
      ForeignSpelling.socatProblem(in: ["UDP-LISTEN:1", "UDP:a:2"])
        == "'UDP-LISTEN:1' is an address of socat (use 'sockkit udp-recv 1')")
  }

  @Test func `of several words the one that leads somewhere counts`() {
    #expect(
      ForeignSpelling.socatProblem(in: ["-", "TCP:a:1"])
        == "'TCP:a:1' is an address of socat (use 'sockkit connect a 1')")
  }

  @Test func `a proxy is told from a file`() {
    for text in ["proxy:1080", "192.0.2.1:3128", "[::1]:1080", ":1080"] {
      #expect(UsageAdvice.isProxy(text), "\(text)")
    }
    for text in ["-", "dump", "dump.1080", "./proxy:1080", "/tmp/a:1", "a:b", "a:", "10:99999"] {
      #expect(!UsageAdvice.isProxy(text), "\(text)")
    }
  }

  @Test func `options are found in a help text`() {
    let help = """
      USAGE: sockkit connect -x

      OPTIONS:
        -w, --connect-timeout <duration>  Give up, unlike -q.
        -v, --verbose           Say more.
        --retry <duration>      Keep trying
                                --for-ever.
      """
    #expect(
      KnownCommand("connect", help: help).options == [
        "-w", "--connect-timeout", "-v", "--verbose", "--retry",
      ])
  }
}
