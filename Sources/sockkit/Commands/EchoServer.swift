// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Services
import Sessions
import Sockets
import Transport

/// Serves the echo protocol.
struct EchoServer: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "echo-server",
    abstract: "Send back what clients send (RFC 862), over TCP, UDP or both.",
    usage:
      "sockkit echo-server [<options>] PORT | HOST PORT | HOST:PORT | :PORT | unix:PATH | vsock:CID:PORT",
    discussion: """
      Examples:
        sockkit echo-server 7000
        sockkit echo-server --tcp --udp --prefix 'echo -> ' 127.0.0.1:7000
        sockkit echo-server -v --model fork --allow 192.0.2.0/24 7000
      """)

  static let mostUsed = [
    "-v", "--tcp", "--udp", "--prefix", "--model", "-m", "-i", "--allow", "--port-file", "--trace",
  ]

  @Argument(help: .localAddress, completion: .localAddress)
  var address: [String] = []

  @OptionGroup(title: "Echoing") var echoing: EchoOptions
  @OptionGroup(title: "Serving") var serving: ServerOptions<UsuallyEvent>
  @OptionGroup var rare: RareOptions<RareServerOptions<TLSEchoOptions>>
  @OptionGroup(title: "Addressing") var addressing: AddressingOptions
  @OptionGroup(title: "Listening") var listening: ListeningOptions
  @OptionGroup(title: "Reporting") var reporting: ReportingOptions

  private var tls: TLSEchoOptions? { rare.given?.tls }
  private var headers: AcceptedHeaderOptions? { rare.given?.headers }

  private var servesConnections: Bool { echoing.tcp || !echoing.udp }

  /// Rejects options that would have no effect.
  func validate() throws {
    if serving.sctp, echoing.tcp || echoing.udp {
      throw ValidationError("--sctp excludes \(echoing.tcp ? "--tcp" : "--udp")")
    }
    if echoing.udp, echoing.seqpacket { throw ValidationError("--udp and --seqpacket exclude each other") }
    let isProtected = tls?.server.common.tls == true
    try tls?.validate(
      servesDatagrams: echoing.udp, servesConnections: servesConnections)
    if echoing.seqpacket, isProtected {
      throw ValidationError("--seqpacket keeps message boundaries: it excludes --tls")
    }
    if echoing.seqpacket {
      try SocketModeOptions.refuse(
        headers?.flags ?? [], because: "--seqpacket keeps message boundaries")
    }
    if !servesConnections, let flag = headers?.flags.first(where: \.isGiven) {
      throw ValidationError("\(flag.name) has no effect with --udp alone, which accepts no connections")
    }
    if echoing.udp, !echoing.tcp, let flag = serving.connectionFlag(besidesSessions: isProtected) {
      throw ValidationError("\(flag) has no effect with --udp alone, which accepts no connections")
    }
  }

  /// Serves until a signal ends the program; a failure is thrown.
  func run() throws {
    let reporter = reporting.configureReporter(isJSON: serving.json)
    let endpoint = try addressing.localEndpoint(address, isInetd: listening.inetd)
    if echoing.udp { try AddressingOptions.checkDatagrams(endpoint) }
    var invocation = try serving.invocation(on: endpoint, addressing, listening, reporter)
    invocation.access.proxies = try headers?.proxies(of: endpoint)
    let protection = servesConnections ? try tls?.server.protection(on: endpoint, reporter) : nil
    invocation.protect(protection)
    let datagrams =
      echoing.udp
      ? try tls?.datagramProtection(
        on: endpoint, beside: protection, limit: invocation.maximumConnections, idle: invocation.idle,
        reporter) : nil
    try SocketModeOptions.checkMessages(echoing.seqpacket, on: endpoint)
    if echoing.seqpacket {
      invocation.isSequenced = true
      invocation.layers.makeTransport = { socket, _ in PacketStream(socket, framing: .writes) }
    }
    let session = EchoSession(invocation, prefix: echoing.prefix ?? [], datagrams: datagrams, reporter)
    guard echoing.udp else { return try session.serveConnections().end() }
    guard echoing.tcp else { return try session.answerDatagrams().end() }
    if case .unix = endpoint { throw ValidationError("--tcp and --udp cannot share a Unix socket") }
    try session.serveBoth().end()
  }
}

/// The transports of an echo server, and the prefix of its answers.
struct EchoOptions: ParsableArguments {
  @Flag(help: "Serve TCP (the default).")
  var tcp = false

  @Flag(help: "Serve UDP; with --tcp both, on the same port.")
  var udp = false

  @Flag(help: "Keep messages apart on a Unix socket (SOCK_SEQPACKET), and send each back as one.")
  var seqpacket = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Put this text before each line or datagram.", valueName: "text"),
    transform: ValueArgument.escapedText)
  var prefix: [UInt8]?
}
