// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Glibc
import Sessions
import Sockets
import Transport

/// Accepts one connection, or any number, and relays standard input and output over it, or gives it to a command.
struct Listen: Subcommand {
  static let configuration = CommandConfiguration(
    // Named explicitly, because deriving the name from the type costs ArgumentParser time.
    commandName: "listen",
    abstract: "Accept a connection and relay standard input and output over it.",
    usage:
      "sockkit listen [<options>] PORT | HOST PORT | HOST:PORT | :PORT | unix:PATH | vsock:CID:PORT [-- COMMAND ARG...]",
    discussion: """
      Examples:
        sockkit listen 5000 | tar x
        sockkit listen --keep-open --recv-only --label 5000 >> collected
        sockkit listen --port-file port 127.0.0.1:0 < answer
        sockkit listen -w 30s -U /run/app.sock > received
        tail -f log | sockkit listen --keep-open 5000
        sockkit listen --keep-open --output-dir uploads 5000
        sockkit listen --keep-open --reply-file answer 5000
        sockkit listen --broker --chat 5000
        sockkit listen --chat 5000
        sockkit listen --rate 1M --record-received upload 5000 < reply
        sockkit listen -k 5000 --sh-exec 'read name; echo "hello, $name"'
      """)

  static let mostUsed = [
    "-k", "-v", "-w", "-i", "-m", "--port-file", "--recv-only", "--reply", "--output-dir", "--tls",
    "--chat", "--trace",
  ]

  @Argument(help: .localAddress, completion: .localAddress)
  var address: [String] = []

  @OptionGroup(title: "Commands") var commands: CommandOptions
  @OptionGroup(title: "Listening") var listening: ListeningOptions
  @OptionGroup(title: "Clients") var hub: HubOptions
  @OptionGroup var rare: RareOptions<RareListenOptions>
  @OptionGroup(title: "Admission") var admitting: AdmissionOptions
  @OptionGroup var options: ConnectionOptions
  @OptionGroup(title: "Timing") var arrival: ArrivalOptions

  private var tls: TLSServerOptions? { rare.given?.tls }
  private var headers: AcceptedHeaderOptions? { rare.given?.headers }

  /// Rejects options that would have no effect.
  func validate() throws {
    try options.measuring.validateJSON()
    if hub.maximumConnections != nil, !hub.isForMany {
      throw ValidationError("-m requires --keep-open")
    }
    if admitting.grace != nil, !hub.isForMany, commands.command == nil {
      throw ValidationError("--grace requires --keep-open or a command")
    }
    try validateModes()
    guard commands.command != nil else { return }
    try commands.refuse(
      hub.flags + options.mode.flags + options.interaction.flags + options.streams.inputFlags
        + options.streams.limitFlags)
    guard hub.keepsOpen else { return }
    if arrival.connectTimeout != nil {
      throw ValidationError(
        "-w has no effect with -k and a command: it waits for clients until it is stopped")
    }
    try options.filters.validateForManyClients()
  }

  /// Rejects options that the ways to serve a single connection exclude.
  private func validateModes() throws {
    let many = [(hub.isForMany, hub.broker ? "--broker" : "--keep-open")] + hub.flags
    let protection = [(tls?.common.tls == true, "--tls")] + (headers?.flags ?? [])
    if options.mode.seqpacket {
      try SocketModeOptions.refuse(many, because: "--seqpacket is for one client")
      try SocketModeOptions.refuse(protection, because: "--seqpacket keeps message boundaries")
    }
    if options.mode.blocking {
      try SocketModeOptions.refuse(
        many + [(arrival.connectTimeout != nil, "-w")] + protection,
        because: "--blocking uses plain blocking calls")
    }
    if hub.peek {
      try SocketModeOptions.refuse(
        many + options.mode.flags + [
          (options.streams.isSendOnly, "--send-only"), (commands.command != nil, "a command"),
        ] + protection,
        because: "--peek looks at what one client has sent, and ends")
    }
  }

  /// Listens, and serves connections; a failure is thrown as a `Failure`.
  func run() throws {
    let reporter = options.configureReporter()
    let endpoint = try options.addressing.localEndpoint(address, isInetd: listening.inetd)
    var stream = try options.invocation(of: "listen", for: endpoint, rare.given?.socket)
    try listening.check(endpoint, admitting: admitting, reporter)
    if options.socket.sctp { try admitting.checkSCTP() }
    stream.protect(try tls?.protection(on: endpoint, isForOne: !hub.isForMany, reporter))
    stream.command = commands.command
    stream.files.add(hub.files)
    stream.grace = admitting.grace
    if hub.peek {
      stream.policy.directions = .receiveOnly
      stream.layers.makeTransport = { PeekStream($0, acknowledged: $1) }
    }
    var invocation = ListenInvocation(on: endpoint, stream)
    invocation.listening = try listening.settings(
      options.addressing.resolver.on(interface: options.socket.interface), admitting: admitting)
    invocation.listening.privileges.allowsNewPrivileges = commands.command != nil && !commands.noNewPrivs
    invocation.access = admitting.lists.sources
    invocation.access.proxies = try headers?.proxies(of: endpoint)
    invocation.arrivalLimit = arrival.limit
    invocation.hub =
      commands.command == nil ? try hub.settings(options, admitting, within: listening.chroot) : nil
    invocation.isForMany = hub.keepsOpen
    invocation.maximumConnections = hub.maximumConnections
    try ListenSession(invocation, reporter).run().end()
  }
}

/// The options of `listen` that few command lines have, in one group: each type of options makes every start slower.
///
/// A class, because the code that copies a structure of this size takes much room.
final class RareListenOptions: ParsableArguments {
  @OptionGroup(title: "Socket options") var socket: RareSocketOptions
  @OptionGroup(title: "TLS") var tls: TLSServerOptions
  @OptionGroup(title: "PROXY protocol") var headers: AcceptedHeaderOptions

  /// Creates the description for the parser.
  init() {}
}
