// SPDX-License-Identifier: GPL-3.0-or-later

/// The usage and the help of `nc`.
package enum NetcatUsage {
  /// What follows a usage error.
  package static let lines = [
    "usage: nc [-46CDdFhklNnrStUuvZz] [-I length] [-i interval] [-M ttl]",
    "\t  [-m minttl] [-O length] [-P proxy_username] [-p source_port]",
    "\t  [-q seconds] [-s sourceaddr] [-T keyword] [-V rtable] [-W recvlimit]",
    "\t  [-w timeout] [-X proxy_protocol] [-x proxy_address[:port]]",
    "\t  [-c command] [-e program] [-H hash] [-K keyfile] [-o staplefile] [-R CAfile]",
    "\t  [--tls] [--tls-cert file] [--tls-name name] [--insecure]",
    "\t  [destination] [port]",
  ]

  /// The help; its first line begins as scripts expect that of Debian's build.
  package static let help =
    ["OpenBSD netcat (Debian patchlevel 1.226-1.1), as part of sockkit"] + lines
    + ["\tCommand Summary:"]
    + options.map { "\t\t\($0.label)\($0.label.count < 8 ? "\t\t" : "\t")\($0.summary)" }
    + ["\tPort numbers can be individual or ranges: lo-hi [inclusive]"]

  /// The options with the names of their values, and what each is for.
  package static let options: [(label: String, summary: String)] = [
    ("-4", "Use IPv4"),
    ("-6", "Use IPv6"),
    ("-b", "Allow broadcast"),
    ("-C", "Send CRLF as line-ending"),
    ("-c command", "Run a command of the shell for the connection"),
    ("-D", "Enable the debug socket option"),
    ("-d", "Do not read standard input"),
    ("-e program", "Run a program for the connection"),
    ("-F", "Pass the descriptor of the connection to standard output"),
    ("-H hash", "TLS: accept only this certificate or key; --tls-pin"),
    ("-h", "This help text"),
    ("-I length", "TCP receive buffer length"),
    ("-i interval", "Delay interval for lines sent, ports scanned"),
    ("-K keyfile", "TLS: the key of our certificate; --tls-key"),
    ("-k", "Accept one connection after another"),
    ("-l", "Listen mode, for inbound connects"),
    ("-M ttl", "Outgoing TTL / Hop Limit"),
    ("-m minttl", "Minimum incoming TTL / Hop Limit"),
    ("-N", "Shutdown the network socket after EOF on stdin"),
    ("-n", "Suppress name/port resolutions"),
    ("-O length", "TCP send buffer length"),
    ("-o staplefile", "TLS: send this OCSP response with our certificate; --tls-staple"),
    ("-P proxyuser", "Username for proxy authentication"),
    ("-p port", "Specify local port for remote connects"),
    ("-q secs", "quit after EOF on stdin and delay of secs"),
    ("-R CAfile", "TLS: trust this authority; --tls-ca"),
    ("-r", "Randomize remote ports"),
    ("-S", "Enable the TCP MD5 signature option"),
    ("-s sourceaddr", "Local source address"),
    (
      "-T keyword", "TOS value; or TLS: noverify, noname, clientcert, muststaple, alpn=, ciphers=, protocols="
    ),
    ("-t", "Answer TELNET negotiation"),
    ("-U", "Use UNIX domain socket"),
    ("-u", "UDP mode"),
    ("-V rtable", "Specify alternate routing table; refused"),
    ("-v", "Verbose"),
    ("-W recvlimit", "Terminate after receiving a number of packets"),
    ("-w timeout", "Timeout for connects, and then without any traffic"),
    ("-X proto", "Proxy protocol: \"4\", \"5\" (SOCKS) or \"connect\""),
    ("-x addr[:port]", "Specify proxy address and port"),
    ("-Z", "DCCP mode; refused"),
    ("-z", "Zero-I/O mode [used for scanning]"),
    ("--insecure", "TLS: do not verify the server"),
    ("--tls", "Protect the connection with TLS"),
    ("--tls-allow-truncation", "TLS: an end without close_notify is an end"),
    ("--tls-cert file", "TLS: our certificate, with or without its key"),
    ("--tls-name name", "TLS: the name of the server (default: destination)"),
  ]
}
