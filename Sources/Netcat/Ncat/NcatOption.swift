// SPDX-License-Identifier: GPL-3.0-or-later

/// An option of `ncat`: how it is written, and what the help says about it.
package struct NcatOption: Sendable {
  /// What an option stands for.
  package enum Name: Sendable {
    case ipv4, ipv6, unix, vsock, crlf, shell, execute, script, sourceRoute, routePointer
    case maximumConnections, help, delay, output, hexDump, idle, sourcePort, source, listen, keepOpen
    case numeric, quit, telnet, udp, sctp, verbose, wait, check, append, sendOnly, receiveOnly, noShutdown
    case allow, allowFile, deny, denyFile, broker, chat, proxy, proxyType, proxyUser, proxyDNS
    case tls, certificate, key, verify, trustFile, ciphers, serverName, alpn, version, test
  }

  /// How it is written.
  package let syntax: OptionSyntax<Name>
  /// The name of its value in the help; `nil` if it takes none.
  package let value: String?
  /// What it does; `nil` if the help does not mention it.
  package let summary: String?

  private init(
    _ name: Name, _ letter: Unicode.Scalar?, _ long: String? = nil, _ value: String? = nil, _ summary: String?
  ) {
    syntax = .init(name, letter, long, takesValue: value != nil, setsVariable: name == .tls)
    self.value = value
    self.summary = summary
  }

  /// Its letter and its long name as they are typed; none for an option that the help does not mention.
  package var flags: [String] {
    guard summary != nil else { return [] }
    return [syntax.letter.map { "-\($0)" }, syntax.long.map { "--\($0)" }].compactMap { $0 }
  }

  /// All options, in the order of the help.
  package static let all: [NcatOption] = [
    .init(.ipv4, "4", "Use IPv4 only"),
    .init(.ipv6, "6", "Use IPv6 only"),
    .init(.unix, "U", "unixsock", nil, "Use Unix domain sockets; the host is a path"),
    .init(.vsock, nil, "vsock", nil, "Use vsock sockets; the host is a CID"),
    .init(.crlf, "C", "crlf", nil, "Send CRLF as line ending"),
    .init(.shell, "c", "sh-exec", "<command>", "Run a command of the shell for the connection"),
    .init(.execute, "e", "exec", "<command>", "Run a program for the connection"),
    .init(.script, nil, "lua-exec", "<file>", "Run a Lua script; refused"),
    .init(.sourceRoute, "g", nil, "hop1[,hop2,...]", "Loose source routing; refused"),
    .init(.routePointer, "G", nil, "<n>", "Loose source routing pointer; refused"),
    .init(.maximumConnections, "m", "max-conns", "<n>", "Serve at most <n> clients at a time"),
    .init(.help, "h", "help", nil, "Show this help"),
    .init(.delay, "d", "delay", "<time>", "Wait between the lines that are sent"),
    .init(.output, "o", "output", "<file>", "Record what is sent and received in a file"),
    .init(.hexDump, "x", "hex-dump", "<file>", "Record it as a hex dump"),
    .init(.idle, "i", "idle-timeout", "<time>", "End when nothing is sent or received for so long"),
    .init(.sourcePort, "p", "source-port", "<port>", "Connect from this port, or listen on it"),
    .init(.source, "s", "source", "<addr>", "Connect from this address"),
    .init(.listen, "l", "listen", nil, "Listen for a connection"),
    .init(.keepOpen, "k", "keep-open", nil, "Serve many clients; or stay after the peer's end"),
    .init(.numeric, "n", "nodns", nil, "Do not look up names"),
    .init(.quit, "q", nil, "<time>", "End so long after the end of standard input"),
    .init(.telnet, "t", "telnet", nil, "Refuse the options of Telnet"),
    .init(.udp, "u", "udp", nil, "Use UDP instead of TCP"),
    .init(.sctp, nil, "sctp", nil, "Use SCTP instead of TCP"),
    .init(.verbose, "v", "verbose", nil, "Report connections"),
    .init(.wait, "w", "wait", "<time>", "The time to connect in, 10 seconds by default"),
    .init(.check, "z", "Connect and close at once; only the status counts"),
    .init(.append, nil, "append-output", nil, "Append to the files of -o and -x"),
    .init(.sendOnly, nil, "send-only", nil, "Only send; end with standard input"),
    .init(.receiveOnly, nil, "recv-only", nil, "Only receive; do not read standard input"),
    .init(.noShutdown, nil, "no-shutdown", nil, "No half-close at the end of standard input"),
    .init(.allow, nil, "allow", "<hosts>", "Serve only these hosts"),
    .init(.allowFile, nil, "allowfile", "<file>", "Serve only the hosts of a file"),
    .init(.deny, nil, "deny", "<hosts>", "Do not serve these hosts"),
    .init(.denyFile, nil, "denyfile", "<file>", "Do not serve the hosts of a file"),
    .init(.broker, nil, "broker", nil, "Pass on the bytes of each client to all others"),
    .init(.chat, nil, "chat", nil, "The same as a chat, with a label for each client"),
    .init(.proxy, nil, "proxy", "<addr[:port]>", "Connect through a proxy"),
    .init(.proxyType, nil, "proxy-type", "<type>", "What it speaks: http, socks4, socks5; -l: be one"),
    .init(.proxyUser, nil, "proxy-auth", "<auth>", "The user of the proxy, also of our own (-l)"),
    .init(.proxyDNS, nil, "proxy-dns", "<type>", "Who looks up: \"local\", \"remote\", \"both\" or \"none\""),
    .init(.tls, nil, "ssl", nil, "Use TLS"),
    .init(.certificate, nil, "ssl-cert", "<file>", "The certificate, in PEM"),
    .init(.key, nil, "ssl-key", "<file>", "Its key, in PEM"),
    .init(.verify, nil, "ssl-verify", nil, "Verify the server's certificate and its name"),
    .init(.trustFile, nil, "ssl-trustfile", "<file>", "The certificates to trust, in PEM"),
    .init(.ciphers, nil, "ssl-ciphers", "<list>", "The ciphers, in the syntax of OpenSSL"),
    .init(.serverName, nil, "ssl-servername", "<name>", "The server's name to ask for"),
    .init(.alpn, nil, "ssl-alpn", "<list>", "The application protocols"),
    .init(.version, nil, "version", nil, "Show the version"),
    .init(.test, nil, "test", nil, nil),
  ]

  /// An option without a long name and a value.
  private init(_ name: Name, _ letter: Unicode.Scalar, _ summary: String) {
    self.init(name, letter, nil, nil, summary)
  }
}
