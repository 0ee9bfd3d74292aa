// SPDX-License-Identifier: GPL-3.0-or-later

/// The usage and the help of `nc`.
enum NetcatUsage {
  /// What follows a usage error.
  static let lines = [
    "usage: nc [-46CDdFhklNnrStUuvZz] [-I length] [-i interval] [-M ttl]",
    "\t  [-m minttl] [-O length] [-P proxy_username] [-p source_port]",
    "\t  [-q seconds] [-s sourceaddr] [-T keyword] [-V rtable] [-W recvlimit]",
    "\t  [-w timeout] [-X proxy_protocol] [-x proxy_address[:port]]",
    "\t  [-c command] [-e program]",
    "\t  [destination] [port]",
  ]

  /// The help; its first line begins as scripts expect that of Debian's build.
  static let help =
    ["OpenBSD netcat (Debian patchlevel 1.226-1.1), as part of sockkit"] + lines
    + ["\tCommand Summary:"] + options.map { "\t\t\($0)" }
    + ["\tPort numbers can be individual or ranges: lo-hi [inclusive]"]

  private static let options = [
    "-4\t\tUse IPv4",
    "-6\t\tUse IPv6",
    "-b\t\tAllow broadcast",
    "-C\t\tSend CRLF as line-ending",
    "-c command\tRun a command of the shell for the connection",
    "-D\t\tEnable the debug socket option",
    "-d\t\tDo not read standard input",
    "-e program\tRun a program for the connection",
    "-F\t\tPass the descriptor of the connection to standard output",
    "-h\t\tThis help text",
    "-I length\tTCP receive buffer length",
    "-i interval\tDelay interval for lines sent, ports scanned",
    "-k\t\tAccept one connection after another",
    "-l\t\tListen mode, for inbound connects",
    "-M ttl\t\tOutgoing TTL / Hop Limit",
    "-m minttl\tMinimum incoming TTL / Hop Limit",
    "-N\t\tShutdown the network socket after EOF on stdin",
    "-n\t\tSuppress name/port resolutions",
    "-O length\tTCP send buffer length",
    "-P proxyuser\tUsername for proxy authentication",
    "-p port\t\tSpecify local port for remote connects",
    "-q secs\t\tquit after EOF on stdin and delay of secs",
    "-r\t\tRandomize remote ports",
    "-S\t\tEnable the TCP MD5 signature option",
    "-s sourceaddr\tLocal source address",
    "-T keyword\tTOS value",
    "-t\t\tAnswer TELNET negotiation",
    "-U\t\tUse UNIX domain socket",
    "-u\t\tUDP mode",
    "-V rtable\tSpecify alternate routing table; refused, Linux has none",
    "-v\t\tVerbose",
    "-W recvlimit\tTerminate after receiving a number of packets",
    "-w timeout\tTimeout for connects, and then without any traffic",
    "-X proto\tProxy protocol: \"4\", \"5\" (SOCKS) or \"connect\"",
    "-x addr[:port]\tSpecify proxy address and port",
    "-Z\t\tDCCP mode; refused",
    "-z\t\tZero-I/O mode [used for scanning]",
  ]
}
