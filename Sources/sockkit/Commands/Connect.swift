// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sessions
import Sockets
import Synchronization
import TLS
import Usage

/// Opens a connection and relays standard input and output over it, or gives it to a command.
struct Connect: Subcommand {
  static let configuration = CommandConfiguration(
    // Named explicitly, because deriving the name from the type costs ArgumentParser time.
    commandName: "connect",
    abstract: "Open a connection and relay standard input and output over it.",
    usage:
      "sockkit connect [<options>] HOST PORT | HOST:PORT | [IPV6]:PORT | unix:PATH | vsock:CID:PORT [-- COMMAND ARG...]",
    discussion: """
      Examples:
        tar c photos | sockkit connect --progress server 5000
        sockkit connect -z -v --retry 1m server 22,https,8000-8010
        printf 'GET / HTTP/1.0\\r\\n\\r\\n' | sockkit connect example.org:80
        sockkit connect --retry 30s -U /run/app.sock < request
        sockkit connect -z --retry 1m db:5432 cache:6379
        sockkit connect --chat server 5000
        sockkit connect -C -x - mail.example.org 25
        sockkit connect server 5000 -- tar c photos
      """)

  static let mostUsed = [
    "-z", "-v", "-w", "--retry", "-i", "-q", "-C", "--tls", "-x", "--progress", "--chat", "--trace",
  ]

  @Argument(
    help: ArgumentHelp(
      "HOST PORT, HOST:PORT, [IPV6]:PORT, unix:PATH or vsock:CID:PORT.", valueName: "address"),
    completion: .remoteAddress)
  var address: [String] = []

  @OptionGroup var options: ConnectionOptions
  @OptionGroup(title: "Timing") var dialing: DialingOptions
  @OptionGroup(title: "Checking") var checking: CheckOptions
  @OptionGroup var rare: RareOptions<RareConnectOptions>
  @OptionGroup(title: "Commands") var commands: CommandOptions

  @Flag(
    name: [.customShort("F"), .customLong("pass-descriptor")],
    help: ArgumentHelp(
      "Pass the descriptor of the connection to standard output, a Unix socket.",
      discussion: "For ProxyUseFdpass of ssh."))
  var passesDescriptor = false

  // Not in a group of its own: each type of options makes every start several per cent slower.
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Time for the command to end when it is stopped, before it is killed (default: 5s).",
      valueName: "duration"), completion: .duration, transform: ValueArgument.duration)
  var grace: Duration?

  private var tls: TLSConnectOptions? { rare.given?.tls }
  private var proxies: ProxyOptions? { rare.given?.proxies }
  private var headers: SentHeaderOptions? { rare.given?.headers }

  /// Rejects options that exclude each other, or would have no effect.
  func validate() throws {
    try checking.validate(options)
    try tls?.validate(isCheck: checking.isCheck)
    if options.mode.blocking {
      try SocketModeOptions.refuse(
        [(dialing.connectTimeout != nil, "-w"), (dialing.retrying.retry != nil, "--retry")]
          + (tls?.client.flags ?? []) + (proxies?.flags ?? [])
          + (headers?.flags ?? []),
        because: "--blocking uses plain blocking calls")
    }
    if options.mode.seqpacket {
      try SocketModeOptions.refuse(
        (tls?.client.flags ?? []) + (proxies?.flags ?? []),
        because: "--seqpacket keeps message boundaries")
    }
    if passesDescriptor {
      let moving =
        options.timing.flags + options.streams.flags + options.filters.flags + options.measuring.flags
      let others = options.interaction.flags + options.mode.flags + (tls?.client.flags ?? [])
      try SocketModeOptions.refuse(
        moving + others + [(commands.command != nil, "a command"), (checking.isCheck, "-z")],
        because: "-F passes the connection on, and moves no bytes")
    }
    if commands.command != nil {
      try commands.refuse(options.mode.flags)
      try commands.refuse(
        options.interaction.flags + options.streams.inputFlags + options.streams.limitFlags)
      if checking.isCheck {
        throw ValidationError("-z only checks ports and runs no command")
      }
    } else if grace != nil {
      throw ValidationError("--grace requires a command")
    }
    guard let file = options.filters.hexDump, UsageAdvice.isProxy(file) else { return }
    throw ValidationError(
      "-x writes a hex dump; for a proxy, use '--proxy URL' (if \(file) is a file, use './\(file)')")
  }

  /// Connects and relays; a failure is thrown as a `Failure`.
  func run() throws {
    let reporter = options.configureReporter()
    if checking.isCheck { return try check(reporter).end() }
    let endpoint = try options.addressing.remoteEndpoint(address)
    try CheckOptions.refuseList(endpoint)
    var stream = try options.invocation(of: "connect", for: endpoint, rare.given?.socket)
    stream.protect(try tls?.client.protection(of: endpoint, reporter))
    stream.command = commands.command
    stream.grace = grace
    stream.passesDescriptor = passesDescriptor
    var settings = try dialing.settings(for: endpoint, options.addressing, on: options.socket.interface)
    settings.settings = stream.settings
    settings.proxies = try proxies?.chain(to: endpoint, reporter)
    if options.socket.sctp, settings.proxies != nil {
      throw ValidationError("--proxy and --sctp exclude each other")
    }
    stream.isProxied = settings.proxies != nil
    if commands.noNewPrivs { try judging { () throws(IOFailure) in try Privileges.forbidNewPrivileges() } }
    stream.layers.header = headers?.layer(isProxied: stream.isProxied)
    try ConnectSession(settings, stream, reporter).run().end()
  }

  private func check(_ reporter: Reporter) throws -> SessionOutcome {
    let certificates = Guarded<[Address: CertificateSummary]>([:])
    let targets = try checking.targets(address, options.addressing).map { endpoint, ports in
      var settings = try dialing.settings(for: endpoint, options.addressing, on: options.socket.interface)
      settings.settings = try options.settings(for: endpoint, rare.given?.socket)
      settings.proxies = try proxies?.chain(to: endpoint, reporter)
      let protection = try tls?.client.protectionOfCheck(
        of: endpoint, validFor: tls?.tlsMinValidity ?? .zero, reporter
      ) { summary, address in certificates.withLock { $0[address] = summary.peer } }
      return CheckSession.Target(
        settings, ports: ports, protection,
        header: headers?.layer(isProxied: settings.proxies != nil))
    }
    let isJSON = options.measuring.json
    return try CheckSession(of: targets, within: options.timing.limits.total, reporter) {
      (state) throws(IOFailure) in
      let certificate = state.address.flatMap { address in certificates.withLock { $0[address] } }
      if isJSON { try StandardOutput.write(JSONLine.encode(PortRecord(state, certificate))) }
    }.run()
  }
}

/// The options of `connect` that few command lines have, in one group: each type of options makes every start slower.
///
/// A class, because the code that copies a structure of this size takes much room.
final class RareConnectOptions: ParsableArguments {
  @OptionGroup(title: "Socket options") var socket: RareSocketOptions
  @OptionGroup(title: "TLS") var tls: TLSConnectOptions
  @OptionGroup(title: "Proxies") var proxies: ProxyOptions
  @OptionGroup(title: "PROXY protocol") var headers: SentHeaderOptions

  /// Creates the description for the parser.
  init() {}
}
