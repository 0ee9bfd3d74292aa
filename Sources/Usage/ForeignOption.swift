// SPDX-License-Identifier: GPL-3.0-or-later

/// An option of `nc`, `ncat`, `socat` or another web server, and its replacement here.
struct ForeignOption {
  /// Its spellings.
  let names: Set<String>
  /// The subcommands that it applies to; `nil` for all that transfer bytes.
  let commands: Set<String>?
  /// A sentence with the replacement.
  let advice: String

  private init(_ names: Set<String>, in commands: Set<String>? = nil, _ advice: String) {
    self.names = names
    self.commands = commands
    self.advice = advice
  }

  /// The replacement of an option; `nil` if the option is unknown.
  static func advice(on option: String, in command: String, among known: [KnownCommand]) -> String? {
    let general = option.hasPrefix("--ssl") ? "--ssl" : option.hasPrefix("--proxy") ? "--proxy" : option
    return (webServers + all).first { foreign in
      foreign.names.contains(general) && (foreign.commands ?? byteMovers).contains(command)
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

  /// The sentence for every option that requests a proxy.
  static let noProxies = "Proxies are not supported; 'ncat --proxy' and 'socat PROXY:' support them."
  /// The sentence for every option that requests TLS.
  static let noTLS = "TLS is not supported; 'openssl s_client' and 'socat OPENSSL:' support it."

  private static let datagrams: Set = ["udp-send", "udp-recv"]
  private static let streams: Set = ["connect", "listen", "forward"]
  private static let byteMovers = datagrams.union(streams).union(["echo-server", "http-server"])

  /// The options of `python3 -m http.server` and `busybox httpd`.
  private static let webServers: [ForeignOption] =
    ["http-server", "echo-server", "calc-server"].flatMap { server in
      [
        ForeignOption(["--port"], in: [server], "The port is an argument: 'sockkit \(server) 8080'."),
        ForeignOption(
          ["-b", "--bind"], in: [server],
          "The address is an argument before the port: 'sockkit \(server) 127.0.0.1 8080'."),
      ]
    } + [
      ForeignOption(
        ["-d", "--directory"], in: ["http-server"],
        "The directory is an argument after the port: 'sockkit http-server 8080 DIR'."),
      ForeignOption(["-f"], in: ["http-server"], "It stays in the foreground without -f."),
      ForeignOption(["--protocol"], in: ["http-server"], "It speaks HTTP/1.1 without --protocol."),
      ForeignOption(["--cgi"], in: ["http-server"], "It runs no programs."),
    ]

  private static let all = [
    ForeignOption(["-l", "--listen"], in: ["connect"], "To listen is a subcommand: 'sockkit listen'."),
    ForeignOption(["-l", "--listen"], in: ["udp-send"], "To receive is a subcommand: 'sockkit udp-recv'."),
    ForeignOption(["-l", "--listen"], "It listens without -l."),
    ForeignOption(["-u", "--udp"], in: datagrams, "It speaks UDP without -u."),
    ForeignOption(
      ["-u", "--udp"], in: ["connect"], "UDP has subcommands: 'sockkit udp-send' and 'sockkit udp-recv'."),
    ForeignOption(
      ["-u", "--udp"], in: ["listen"], "UDP has subcommands: 'sockkit udp-recv' and 'sockkit udp-send'."),
    ForeignOption(
      ["-e", "--exec", "--lua-exec"], in: streams,
      "To run a program, write '-- COMMAND ARG...' after the address; '--sh-exec COMMAND' is for a shell."),
    ForeignOption(["-c"], in: streams, "To run a shell command, write '--sh-exec COMMAND'."),
    ForeignOption(["-k", "--keep-open"], in: ["connect"], "To keep listening takes 'sockkit listen -k'."),
    ForeignOption(
      ["-k", "--keep-open"], in: datagrams.union(["echo-server", "http-server"]), "It goes on without -k."),
    ForeignOption(["-b"], "To broadcast, write 'sockkit udp-send --broadcast'."),
    ForeignOption(["-D"], "'--trace' shows the options that are set on sockets."),
    ForeignOption(["-d"], in: streams, "Standard input is not read with '--recv-only'."),
    ForeignOption(["-F"], "An open connection cannot be handed to another program."),
    ForeignOption(
      ["-G"], in: ["connect"], "The time to connect is '-w DURATION'; source routes are not supported."),
    ForeignOption(["-g"], "Source routes are not supported; hardly any router follows them."),
    ForeignOption(["-I"], "The receive buffer is '--receive-buffer SIZE'."),
    ForeignOption(["-O"], "The send buffer is '--send-buffer SIZE'."),
    ForeignOption(["-M"], "The time to live of packets is '--ttl N'."),
    ForeignOption(
      ["-m"], in: ["connect"], "A least time to live is not supported; '--ttl N' sets that of what is sent."),
    ForeignOption(["-r"], "The kernel chooses the local port at random unless '-p PORT' is given."),
    ForeignOption(["-S"], "TCP MD5 signatures are not supported."),
    ForeignOption(["-T"], "The type of service is '--dscp NAME'."),
    ForeignOption(
      ["-V"], "The version is shown by 'sockkit --version'; a routing table is chosen by 'ip vrf exec'."),
    ForeignOption(
      ["-W"], in: ["connect", "listen"], "To stop after some datagrams takes 'sockkit udp-recv -c N'."),
    ForeignOption(["-Z"], "DCCP is not supported."),
    ForeignOption(["--sctp"], "SCTP is not supported."),
    ForeignOption(["--vsock"], "Sockets of virtual machines are not supported."),
    ForeignOption(["-x", "-X", "-P", "--proxy"], noProxies),
    ForeignOption(["-H", "-K", "-R", "--ssl", "--tls"], noTLS),
    ForeignOption(
      ["-x", "-r", "--reverse"], in: ["resolve"],
      "An address is looked up in reverse without an option: 'sockkit resolve ADDRESS'."),
    ForeignOption(
      ["-t", "-q", "--type"], in: ["resolve"],
      "Only addresses and names are looked up; 'dig' asks for other records."),
    ForeignOption(
      ["-p", "-t", "-u", "--proto", "--protocol", "--tcp", "--udp"], in: ["getserv"],
      "The protocol is the second word: 'sockkit getserv SERVICE udp'."),
    ForeignOption(
      ["--host", "--port", "--address"], in: ["connect", "calc", "udp-send"],
      "The address is an argument: HOST PORT."),
    ForeignOption(
      ["--host", "--port", "--address", "--bind"], in: ["listen", "udp-recv", "echo-server", "calc-server"],
      "The address is an argument: HOST PORT, or PORT alone."),
    ForeignOption(["--nodns"], "Names are not looked up with '-n'."),
    ForeignOption(["-w"], in: ["udp-send"], "The time to wait for replies is '-W DURATION'."),
    ForeignOption(
      ["-w", "-W"], in: ["udp-recv"], "The time to receive is '--timeout DURATION'; '-c N' stops after N."),
    ForeignOption(["--wait"], in: streams, "The time to connect is '-w DURATION'."),
    ForeignOption(["--zero"], in: ["connect"], "To check ports only is '-z'."),
    ForeignOption(["--max-conns"], "The most connections at a time is '--max-connections N'."),
    ForeignOption(["--allowfile"], "A file of networks to allow is '--allow-file FILE'."),
    ForeignOption(["--denyfile"], "A file of networks to refuse is '--deny-file FILE'."),
    ForeignOption(["--unixsock"], "A Unix socket is '-U PATH' or 'unix:PATH'."),
    ForeignOption(["--output"], in: streams, "A copy of the traffic is '--record FILE'."),
    ForeignOption(["--append-output"], in: streams, "To append to the record is '--append'."),
  ]
}
