// SPDX-License-Identifier: GPL-3.0-or-later

/// An option of `nc`, `ncat`, `socat` or another web server, and its replacement here.
struct ForeignOption {
  /// Its spellings.
  let names: Set<String>
  /// The subcommands that it applies to; `nil` for all that transfer bytes.
  let commands: Set<String>?
  /// The replacement, without a capital and a full stop.
  let advice: String

  private init(_ names: Set<String>, in commands: Set<String>? = nil, _ advice: String) {
    self.names = names
    self.commands = commands
    self.advice = advice
  }

  /// The replacement of an option; `nil` if the option is unknown.
  static func advice(on option: String, in command: String, among known: [KnownCommand]) -> String? {
    return (webServers + ofTLS + all).first { foreign in
      foreign.names.contains(option) && (foreign.commands ?? byteMovers).contains(command)
        && foreign.isOfUse(in: command, known)
    }?.advice
  }

  /// Whether every recommendation in quotes exists: a subcommand after the program's name with its options, or options
  /// of the current subcommand. Other quoted text belongs to other programs.
  private func isOfUse(in command: String, _ known: [KnownCommand]) -> Bool {
    advice.split(separator: "'", omittingEmptySubsequences: false).enumerated().allSatisfy { index, part in
      var words = part.split(separator: " ")[...]
      var name = command
      guard index % 2 == 1, let first = words.first else { return true }
      if first == "sockkit" {
        words = words.dropFirst()
        name = words.first.flatMap { $0.hasPrefix("-") ? nil : String($0) } ?? ""
      } else if !first.hasPrefix("-") {
        return true
      }
      let options = words.filter { $0.hasPrefix("-") && $0 != "--" }
      return known.contains { $0.name == name && $0.options.isSuperset(of: options.map(String.init)) }
    }
  }

  private static let datagrams: Set = ["udp-send", "udp-recv"]
  private static let streams: Set = ["connect", "listen", "forward"]
  private static let byteMovers = datagrams.union(streams).union(["echo-server", "http-server"])
  private static let withProxies: Set = ["connect", "calc", "forward", "udp-send"]
  private static let withTLS = byteMovers.union(["calc-server", "calc"])

  /// The options of `python3 -m http.server` and `busybox httpd`.
  private static let webServers: [ForeignOption] =
    ["http-server", "echo-server", "calc-server"].flatMap { server in
      [
        ForeignOption(["--port"], in: [server], "the port is an argument: 'sockkit \(server) 8080'"),
        ForeignOption(
          ["-b", "--bind"], in: [server],
          "the address is an argument before the port: 'sockkit \(server) 127.0.0.1 8080'"),
      ]
    } + [
      ForeignOption(
        ["-d", "--directory"], in: ["http-server"],
        "the directory is an argument after the port: 'sockkit http-server 8080 DIR'"),
      ForeignOption(["-f"], in: ["http-server"], "it stays in the foreground without -f"),
      ForeignOption(["--protocol"], in: ["http-server"], "it speaks HTTP/1.1 without --protocol"),
      ForeignOption(["--cgi"], in: ["http-server"], "it runs no programs"),
    ]

  /// The options of `nc`, `ncat` and `curl` for TLS.
  private static let ofTLS =
    [
      ForeignOption(
        ["-H", "--pinnedpubkey"], in: withTLS, "to accept only one key or certificate, use '--tls-pin PIN'"),
      ForeignOption(["-K", "--key"], in: withTLS, "for the key of a certificate, use '--tls-key FILE'"),
      ForeignOption(["-R"], in: withTLS, "to trust other authorities, use '--tls-ca FILE'"),
      ForeignOption(["--cert"], in: withTLS, "for a certificate, use '--tls-cert FILE'"),
      ForeignOption(
        ["--cert-status"], in: withTLS, "to require a good OCSP response, use '--tls-require-staple'"),
      ForeignOption(["--ssl-verify"], in: withTLS, "servers are verified without --ssl-verify"),
    ] + optionsOfNcat.map { ForeignOption([$0.key], in: withTLS, UsageAdvice.meaning($0.value)) }

  /// The options of `ncat` for TLS that have an equivalent with a value.
  static let optionsOfNcat = [
    "--ssl-cert": "--tls-cert", "--ssl-key": "--tls-key", "--ssl-trustfile": "--tls-ca",
    "--ssl-ciphers": "--tls-ciphers", "--ssl-servername": "--tls-name", "--ssl-alpn": "--tls-alpn",
  ]

  private static let all = [
    ForeignOption(["-l", "--listen"], in: ["connect"], "to listen, use 'sockkit listen'"),
    ForeignOption(["-l", "--listen"], in: ["udp-send"], "to receive, use 'sockkit udp-recv'"),
    ForeignOption(["-l", "--listen"], "it listens without -l"),
    ForeignOption(["-u", "--udp"], in: datagrams, "it speaks UDP without -u"),
    ForeignOption(
      ["-u", "--udp"], in: ["connect"], "for UDP, use 'sockkit udp-send' or 'sockkit udp-recv'"),
    ForeignOption(
      ["-u", "--udp"], in: ["listen"], "for UDP, use 'sockkit udp-recv' or 'sockkit udp-send'"),
    ForeignOption(
      ["-e", "--exec", "--lua-exec"], in: streams,
      "to run a program, use '-- COMMAND ARG...' after the address; for a shell, '--sh-exec COMMAND'"),
    ForeignOption(
      ["-c"], in: ["connect", "listen"],
      "to run a shell command, use '--sh-exec COMMAND'; for TLS, '--tls'"),
    ForeignOption(["-c"], in: ["forward"], "for TLS, use '--tls' or '--tls-target'"),
    ForeignOption(["-k", "--keep-open"], in: ["connect"], "to keep listening, use 'sockkit listen -k'"),
    ForeignOption(
      ["-k", "--keep-open"], in: datagrams.union(["echo-server", "http-server"]), "it goes on without -k"),
    ForeignOption(["-b"], "to broadcast, use 'sockkit udp-send --broadcast'"),
    ForeignOption(["-D"], "to turn on debugging in the kernel, use '--debug-socket'"),
    ForeignOption(["-D"], "to see the options that are set on sockets, use '--trace'"),
    ForeignOption(["-d"], in: streams, "to ignore standard input, use '--recv-only'"),
    ForeignOption(["-F"], "to hand an open connection to another program, use 'connect -F'"),
    ForeignOption(
      ["-G"], in: ["connect"],
      "to limit the time to connect, use '-w DURATION'; source routes are not supported"),
    ForeignOption(["-g"], "source routes are not supported; hardly any router follows them"),
    ForeignOption(["-I"], "to set the receive buffer, use '--receive-buffer SIZE'"),
    ForeignOption(["-O"], "to set the send buffer, use '--send-buffer SIZE'"),
    ForeignOption(["-M"], "to set the time to live of packets, use '--ttl N'"),
    ForeignOption(["-m"], in: ["connect"], "to drop packets with a smaller time to live, use '--min-ttl N'"),
    ForeignOption(["-r"], "the kernel chooses the local port at random unless '-p PORT' is given"),
    ForeignOption(["-S"], "for TCP MD5 signatures, use '--md5-key FILE'"),
    ForeignOption(["-S"], "TCP MD5 signatures are for connections"),
    ForeignOption(["-T"], "to set the type of service, use '--dscp NAME'"),
    ForeignOption(
      ["-V"], "to show the version, use 'sockkit --version'; to choose a routing table, 'ip vrf exec'"),
    ForeignOption(
      ["-W"], in: ["connect", "listen"], "to stop after some datagrams, use 'sockkit udp-recv -c N'"),
    ForeignOption(["-Z"], "DCCP is not supported"),
    ForeignOption(["--sctp"], in: datagrams, "SCTP is for connections"),
    ForeignOption(["--vsock"], "for a port of a virtual machine, use 'vsock:CID:PORT'"),
    ForeignOption(
      ["--proxy-auth"], in: ["proxy"], "to require a user and a password, use '--auth-file FILE'"),
    ForeignOption(["--proxy-type"], in: ["listen"], "to be a proxy, use 'sockkit proxy PORT'"),
    ForeignOption(
      ["-X", "--proxy-type"], in: withProxies,
      "the type of a proxy is part of its URL: '--proxy socks5://HOST:PORT'"),
    ForeignOption(
      ["-P", "--proxy-auth"], in: withProxies,
      "for the user and the password of a proxy, use '--proxy-auth-file FILE'"),
    ForeignOption(["-x"], in: withProxies, "to connect through a proxy, use '--proxy URL'"),
    ForeignOption(
      ["-x", "-X", "-P", "--proxy", "--proxy-type", "--proxy-auth"],
      "it does not connect through proxies, as 'sockkit connect --proxy URL' does"),
    ForeignOption(
      ["-x", "-r", "--reverse"], in: ["resolve"],
      "to look up an address in reverse, use 'sockkit resolve ADDRESS'"),
    ForeignOption(
      ["-t", "-q", "--type"], in: ["resolve"],
      "only addresses and names are looked up; 'dig' asks for other records"),
    ForeignOption(
      ["-p", "-t", "-u", "--proto", "--protocol", "--tcp", "--udp"], in: ["getserv"],
      "the protocol is the second word: 'sockkit getserv SERVICE udp'"),
    ForeignOption(
      ["--host", "--port", "--address"], in: ["connect", "calc", "udp-send"],
      "the address is an argument: HOST PORT"),
    ForeignOption(
      ["--host", "--port", "--address", "--bind"], in: ["listen", "udp-recv", "echo-server", "calc-server"],
      "the address is an argument: HOST PORT, or PORT alone"),
    ForeignOption(["--nodns"], "to look up no names, use '-n'"),
    ForeignOption(
      ["-w", "-W"], in: ["udp-recv"],
      "to limit the time, use '--timeout DURATION'; to stop after N datagrams, '-c N'"),
    ForeignOption(["--wait"], in: streams, "to limit the time to connect, use '-w DURATION'"),
    ForeignOption(["--zero"], in: ["connect"], "to check ports only, use '-z'"),
    ForeignOption(["--max-conns"], "to limit the connections at a time, use '--max-connections N'"),
    ForeignOption(["--allowfile"], "to allow the networks in a file, use '--allow-file FILE'"),
    ForeignOption(["--denyfile"], "to refuse the networks in a file, use '--deny-file FILE'"),
    ForeignOption(["--unixsock"], "for a Unix socket, use '-U PATH' or 'unix:PATH'"),
    ForeignOption(["--output"], in: streams, "to copy the traffic to a file, use '--record FILE'"),
    ForeignOption(["--append-output"], in: streams, "to append to the record, use '--append'"),
  ]
}
